"""Files of `hwgen compress`: safetensors, in which matrices of weights are coded.

Version 1 (docs/compression.md): the tensor ``words`` is the bytes of all coded matrices behind each
other; every other tensor is one that travels as it is, under its number. The metadata are
``format``, ``version``, ``digest`` over all the rest, and ``index``: a JSON object with the
``method``, what is ``coded`` and how, and the ``tree`` of dicts and lists that the tensors are in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import files
from hwgen.checkpoint.kinds import is_safetensors
from hwgen.checkpoint.nesting import Node, branch, nested
from hwgen.checkpoint.tensorfiles import read_safetensors
from hwgen.checkpoint.tensors import FLOATS, printable
from hwgen.coding import Coded, codes
from hwgen.coding.matrix import Floats
from hwgen.errors import InputError

if TYPE_CHECKING:
    import torch

FORMAT, VERSION = "hwgen-compressed", 1
WORDS = "words"
_MOST_HEADER = 1 << 24


def as_type(values: Floats, dtype: str) -> Floats:
    """Return what is left of numbers in a tensor's type."""
    import torch

    kept: Floats = torch.from_numpy(values).to(getattr(torch, dtype)).double().numpy()
    return kept


@dataclass(frozen=True, eq=False)
class Matrix:
    """A coded tensor.

    Parameters
    ----------
    shape, dtype
        Of the tensor; its rows are those of the first dimension.
    coded
        Its weights.
    """

    shape: tuple[int, ...]
    dtype: str
    coded: Coded

    def tensor(self) -> torch.Tensor:
        """Return the tensor that it stands for."""
        import torch

        values = torch.from_numpy(self.coded.real).reshape(self.shape)
        return values.to(getattr(torch, self.dtype))

    def to_json(self) -> dict[str, Any]:
        """Return all but the bytes."""
        told = self.coded.to_json()
        matrix = told.pop("shape")
        return {"shape": list(self.shape), "dtype": self.dtype, "matrix": matrix, **told}


@dataclass(frozen=True, eq=False)
class Compressed:
    """What a compressed file holds.

    Parameters
    ----------
    method
        With which it was made.
    tree
        Dicts and lists with numbers of tensors.
    plain
        Tensors that travel as they are, by their numbers.
    coded
        The others.
    """

    method: str
    tree: Node
    plain: Mapping[int, torch.Tensor]
    coded: Mapping[int, Matrix]

    def value(self) -> Any:
        """Return what the file was made of, with the weights that the codes stand for.

        Raises
        ------
        InputError
            If the tree is none, or words hold what is no code.
        """
        tensors = {**self.plain, **{key: each.tensor() for key, each in self.coded.items()}}
        return nested(self.tree, tensors)


def write(content: Compressed) -> bytes:
    """Return the file's bytes."""
    import safetensors.torch
    import torch

    index = {
        "method": content.method,
        "coded": {str(key): each.to_json() for key, each in content.coded.items()},
        "tree": content.tree,
    }
    parts = [
        part for each in content.coded.values() for part in each.coded.arrays().values()
    ]  # in the order of the index
    words = np.concatenate(parts) if parts else np.zeros(0, np.uint8)
    # Tensors that share their memory are written one by one.
    tensors = {str(key): each.contiguous().clone() for key, each in content.plain.items()}
    tensors[WORDS] = torch.from_numpy(words)
    text = json.dumps(index, separators=(",", ":"), allow_nan=False)
    metadata = {
        "format": FORMAT, "version": str(VERSION), "digest": _digest(text, tensors), "index": text,
    }  # fmt: skip
    return _ordered(safetensors.torch.save(tensors, metadata))


def _ordered(data: bytes) -> bytes:
    """Return safetensors with their metadata in order: the library leaves that to chance."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def _digest(index: str, tensors: Mapping[str, torch.Tensor]) -> str:
    import torch

    parts: list[bytes | str] = [FORMAT, str(VERSION), index]
    for name in sorted(tensors):
        tensor = tensors[name]
        data = tensor.reshape(-1).view(torch.uint8) if tensor.numel() else torch.zeros(0)
        parts += [f"{name} {tensor.dtype} {list(tensor.shape)}", data.numpy().tobytes()]
    return files.digest(*parts)


def _metadata(data: bytes) -> dict[str, Any]:
    """Return the metadata of a safetensors file; none where there are none."""
    size = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + min(size, _MOST_HEADER)])
    except (ValueError, RecursionError):
        return {}
    found = header.get("__metadata__") if isinstance(header, dict) else None
    return found if isinstance(found, dict) else {}


def recognises(data: bytes) -> bool:
    """Return whether it is a compressed file, of whatever version."""
    return is_safetensors(data) and _metadata(data).get("format") == FORMAT


def value_of(data: bytes, where: str) -> Any:
    """Return what a compressed file was made of; `InputError` as of `read` and of `value`."""
    content = read(data, where)
    try:
        return content.value()
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def read(data: bytes, where: str) -> Compressed:
    """Return what `write` wrote.

    Raises
    ------
    InputError
        If it is of a newer version, cut short or altered, or no such file at all.
    """
    said = _metadata(data)
    version = said.get("version")
    if version != str(VERSION):
        raise InputError(
            f"{where} is of version {printable(version)} of compressed networks, but this hwgen "
            f"reads {VERSION}; update hwgen, or compress the network again"
        )
    tensors = read_safetensors(data, where)
    index = said.get("index")
    if not isinstance(index, str) or said.get("digest") != _digest(index, tensors):
        raise InputError(
            f"{where} has other contents than its digest says: it was cut short or altered; "
            "copy it again, or compress the network again"
        )
    try:
        return _content(json.loads(index), tensors)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{where} is damaged: {printable(str(error), 200)}; compress the network again"
        ) from error


def _content(index: Mapping[str, Any], tensors: dict[str, torch.Tensor]) -> Compressed:
    words = tensors.pop(WORDS).numpy()
    if words.dtype != np.uint8 or words.ndim != 1:
        raise InputError(f"{WORDS} must be bytes, not {words.dtype} {words.shape}")
    coded, place = {}, 0
    for key, told in index["coded"].items():
        coded[int(key)], place = _matrix(dict(told), words, place)
    if place != len(words):
        raise InputError(f"{WORDS} must have {place} bytes, not {len(words)}")
    plain = {int(key): each for key, each in tensors.items()}
    if both := set(plain) & set(coded):
        raise InputError(f"tensors must have one number each, not {sorted(both)} twice")
    return Compressed(str(index["method"]), branch(index["tree"]), plain, coded)


def _matrix(told: dict[str, Any], words: Any, place: int) -> tuple[Matrix, int]:
    """Return a coded tensor, and where the next one's bytes begin."""
    shape, dtype = told.pop("shape"), told.pop("dtype")
    told["shape"] = told.pop("matrix")
    if dtype not in FLOATS:
        raise InputError(f"dtype must be one of {', '.join(FLOATS)}, not {printable(dtype)}")
    arrays = {}
    for name, size in codes.sizes(told).items():
        arrays[name] = words[place : place + size]
        place += size
    coded = codes.read(told, arrays)
    if [coded.shape[0], coded.size] != [shape[0], math.prod(shape)]:
        raise InputError(f"shape must be that of a matrix {coded.shape}, not {shape}")
    return Matrix(tuple(shape), dtype, coded), place
