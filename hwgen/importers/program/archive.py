"""What lies in an archive of torch.export: a graph as JSON, and tensors as plain bytes."""

from __future__ import annotations

import json
import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen.checkpoint import archive
from hwgen.checkpoint.tensors import printable
from hwgen.errors import InputError
from hwgen.network.layer import MAX_ELEMENTS

if TYPE_CHECKING:
    import torch

SCHEMA = 8
"""Version of the graph's form that is read; a change within it is one that earlier readers take."""

_MAX_JSON = 1 << 25
_AGAIN = "export it again with the torch that hwgen has"

DTYPES = {1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32",
          8: "float64", 12: "bool", 13: "bfloat16"}  # fmt: skip
"""Types of numbers by torch.export's own codes (its ``ScalarType``)."""

DAMAGED = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)
"""What comes of fields that an archive cannot have."""


@dataclass(frozen=True, eq=False)
class Archive:
    """An archive, checked as far as its form goes.

    Parameters
    ----------
    graph
        ``graph_module`` of its JSON: not trusted.
    weights, constants
        Tensors by their names in the module.
    """

    graph: Any
    weights: dict[str, torch.Tensor]
    constants: dict[str, torch.Tensor]


def opened(path: Path, data: bytes) -> Archive:
    """Return what is in the bytes of an archive; nothing of it is run.

    Raises
    ------
    InputError
        If it is damaged, of another version, or has objects that are no tensors.
    """
    if damaged := archive.damage(data):
        raise InputError(
            f"{path} is damaged: its entry {printable(damaged)} does not agree with its checksum; "
            "copy it again"
        )
    try:
        with archive.opened(data) as packed:
            return _Reader(path, packed).read()
    except InputError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, OSError, *DAMAGED) as error:
        raise damage(path, error) from error


def damage(path: Path, error: BaseException) -> InputError:
    """Return what a user is told of fields that no archive has."""
    says = printable(str(error), 100)
    return InputError(f"{path} is a damaged program of torch.export: {says}; {_AGAIN}")


class _Reader:
    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        self._path, self._packed = path, packed
        first = next(name for name in packed.namelist() if name.endswith("archive_format"))
        self._root = first.removesuffix("archive_format")

    def read(self) -> Archive:
        models = [
            name.removeprefix(f"{self._root}models/").removesuffix(".json")
            for name in self._packed.namelist()
            if name.startswith(f"{self._root}models/")
        ]
        if len(models) != 1:
            raise InputError(
                f"{self._path} must hold one exported program, not {len(models)}; save it alone"
            )
        program = self._json(f"models/{models[0]}.json")
        self._check_version(program)
        weights = self._tensors("weights", models[0])
        return Archive(program["graph_module"], weights, self._tensors("constants", models[0]))

    def _check_version(self, program: Any) -> None:
        version = program["schema_version"]
        container = self._bytes("archive_version", 100).strip()
        if version["major"] != SCHEMA or container != b"0":
            told = printable(f"{version['major']}.{version['minor']}")
            raise InputError(
                f"{self._path} must be of version {SCHEMA} of torch.export's form, not {told}; "
                f"{_AGAIN}"
            )
        if self._bytes("byteorder", 100) != b"little":
            raise ValueError("written on a big-endian machine")

    def _bytes(self, name: str, most: int) -> bytes:
        entry = self._packed.getinfo(self._root + name)
        if entry.file_size > most:
            raise ValueError(f"{name} is of {entry.file_size} bytes")
        return self._packed.read(entry)

    def _json(self, name: str) -> Any:
        return json.loads(self._bytes(name, _MAX_JSON))

    def _tensors(self, part: str, model: str) -> dict[str, torch.Tensor]:
        config = self._json(f"data/{part}/{model}_{part}_config.json")["config"]
        found: dict[str, torch.Tensor] = {}
        files: dict[str, bytearray] = {}
        for name, told in config.items():
            file, meta = told["path_name"], told["tensor_meta"]
            if told["use_pickle"] or meta is None:
                raise InputError(
                    f"{self._path} holds {printable(name)}, an object that is no plain tensor; "
                    "hwgen runs no code of a file: export the network without it"
                )
            if not re.fullmatch(r"\w+", file):
                raise ValueError(f"a file of the name {file}")
            if file not in files:
                files[file] = bytearray(self._bytes(f"data/{part}/{file}", MAX_ELEMENTS * 8))
            found[name] = _tensor(files[file], meta)
        if sum(each.numel() for each in found.values()) > MAX_ELEMENTS:
            raise ValueError(f"more than {MAX_ELEMENTS} numbers")
        return found


def _tensor(data: bytearray, meta: Any) -> torch.Tensor:
    """Return the part of a file that is a tensor, ValueError where there is none."""
    import torch

    dtype = getattr(torch, DTYPES[meta["dtype"]])
    sizes, strides = ([whole(each) for each in meta[key]] for key in ("sizes", "strides"))
    offset = whole(meta["storage_offset"])
    if len(sizes) != len(strides) or math.prod(sizes) > MAX_ELEMENTS:
        raise ValueError(f"a tensor of {sizes}")
    if not math.prod(sizes):
        return torch.zeros(sizes, dtype=dtype)
    count = offset + 1 + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
    if count * dtype.itemsize > len(data):
        raise ValueError("a tensor of more bytes than its file")
    return torch.frombuffer(data, dtype=dtype, count=count).as_strided(sizes, strides, offset)


def whole(value: Any) -> int:
    """Return a size that is known; ValueError where it is none."""
    number = value["as_int"]
    if type(number) is not int or not 0 <= number < 1 << 40:
        raise ValueError(f"a size of {printable(number)}")
    return int(number)
