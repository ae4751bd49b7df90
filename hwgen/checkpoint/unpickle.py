"""Reads a file of tensors without running anything that is in it."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.checkpoint import archive, compressed, inert
from hwgen.checkpoint.calls import foreign_names
from hwgen.checkpoint.kinds import foreign, is_npz, is_safetensors
from hwgen.checkpoint.layers import Layer, layers, networks
from hwgen.checkpoint.policy import GETATTR, culprits, runs_code
from hwgen.checkpoint.tensorfiles import read_npz, read_safetensors
from hwgen.checkpoint.tensors import printable
from hwgen.checkpoint.tree import plain
from hwgen.errors import InputError
from hwgen.files import access, read_bytes

MAX_BYTES = 1 << 28
"""A checkpoint of more bytes than this, packed or unpacked, is refused before it is read."""

_SAVE = (
    "save the network's state_dict alone: torch.save(model.state_dict(), ...), or export it: "
    'torch.onnx.export(model.eval(), torch.zeros(1, 1, SAMPLES), "net.onnx")'
)


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds.

    Parameters
    ----------
    value
        Dicts, lists, numbers, strings and torch tensors.
    strangers
        Classes and functions that the file names and that were not run: their objects are plain
        dicts in `value`.
    layers
        Of whole modules.
    networks
        Classes of whole modules.
    """

    value: Any
    strangers: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    networks: tuple[str, ...] = ()


def read_object(path: Path, data: bytes) -> Content:
    """Return what a file holds: one of torch.save, safetensors, compressed, or an .npz archive.

    Parameters
    ----------
    path
        Names it in messages.
    data
        What `read_file` returned.

    Raises
    ------
    InputError
        If it is no checkpoint, or would run code where it is loaded in earnest.
    """
    if compressed.recognises(data):
        return Content(compressed.value_of(data, str(path)))
    if is_safetensors(data):
        return Content(read_safetensors(data, str(path)))
    if is_npz(data):
        return Content(read_npz(data, str(path)))
    if damaged := archive.damage(data):
        raise InputError(
            f"{path} is damaged: its entry {printable(damaged)} does not agree with its checksum; "
            "copy it again"
        )
    pickled = archive.pickle_of(data)
    names = foreign_names(pickled)
    # A pickle of another program that would run code is told for that.
    if (data.startswith(b"PK") or not names) and (what := foreign(data)):
        raise InputError(f"{path} is no checkpoint but {what.replace('FILE', ascii(path.name))}")
    # Of what the others are called with only the stand-in of getattr sees enough.
    if any(runs_code(name) and name != GETATTR for name in names):
        raise InputError(_refusal(path, data, names))
    if problem := inert.trouble(pickled, archive.pickles(data)):
        if problem == inert.BROKEN:
            raise InputError(_refusal(path, data, names))
        raise InputError(f"{path} is no checkpoint: {problem}; save the state_dict alone")
    return _with_stand_ins(path, data, names) if names else _with_torch(path, data)


def _with_torch(path: Path, data: bytes) -> Content:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's advice to its callers, not to our users
            return Content(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    # torch.load raises whatever its parsers stumble over: KeyError, RuntimeError, EOFError, ... and
    # its reader of weights takes pickles of protocol 2 alone, and float8 in archives alone.
    except Exception:
        return _with_stand_ins(path, data, [])


def _with_stand_ins(path: Path, data: bytes, names: list[str]) -> Content:
    try:
        value, fetch = archive.load(data)
        return Content(plain(value, fetch), tuple(names), layers(value), networks(value))
    # A pickle can be wrong in as many ways as there are opcodes.
    except Exception as error:
        raise InputError(_refusal(path, data, names)) from error


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that may be a checkpoint.

    Raises
    ------
    InputError
        If it is empty or no file, or too large, packed or unpacked.
    FileAccessError
        If it cannot be read.
    """
    with access(path, "read"):
        status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise InputError(f"{path} is {kind}, not a checkpoint; give a .pt file")
    if status.st_size == 0:
        raise InputError(f"{path} is empty, not a checkpoint; save it again")
    if status.st_size > MAX_BYTES:
        raise InputError(_too_large(path, status.st_size))
    data = read_bytes(path)
    unpacked = _unpacked_size(data)
    if unpacked > MAX_BYTES:
        raise InputError(_too_large(path, unpacked))
    return data


def _too_large(path: Path, size: int) -> str:
    return (
        f"{path} must hold at most {MAX_BYTES >> 20} MiB, not {size >> 20} MiB; "
        "save the network's state_dict alone"
    )


def _unpacked_size(data: bytes) -> int:
    """Return the total size of a zip archive's members, 0 if `data` is no zip archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0


def _refusal(path: Path, data: bytes, names: list[str]) -> str:
    if blamed := [printable(name) for name in culprits(names)[:3]]:
        return f"{path} is refused: loading it would run code ({', '.join(blamed)}); {_SAVE}"
    if data.startswith(b"PK"):
        what = "a zip archive that is damaged, cut short, or not from torch.save"
    else:
        what = "not a file that torch.save wrote, or damaged"
    return f"{path} is no checkpoint: {what}; give a .pt file with the network's state_dict"
