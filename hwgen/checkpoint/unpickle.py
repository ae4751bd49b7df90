"""Reads a `.pt` file without running anything that is in it."""

from __future__ import annotations

import io
import pickletools
import re
import stat
import warnings
import zipfile
from pathlib import Path
from typing import Any

from hwgen.errors import InputError
from hwgen.files import access, read_bytes

MAX_BYTES = 1 << 28
"""A checkpoint of more bytes than this, packed or unpacked, is refused before it is read."""

_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}
_HARMLESS = re.compile(r"torch\._utils\._rebuild\w+|torch\.\w+Storage|collections\.OrderedDict")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_MAX_OPCODES = 200_000
_MAX_PICKLES = 6  # torch's format before zip: four headers, the object, the storage keys


def read_object(path: Path) -> Any:
    """Return what `path` holds: dicts, lists, numbers, strings and torch tensors, nothing else.

    Raises
    ------
    InputError
        If it is no checkpoint, is too large, or could only be loaded by running code from it.
    FileAccessError
        If it cannot be read.
    """
    import torch

    data = _read(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's advice to its callers, not to our users
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    # torch.load raises whatever its parsers stumble over: KeyError, RuntimeError, EOFError, ...
    except Exception as error:
        raise InputError(_refusal(path, data)) from error


def _read(path: Path) -> bytes:
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
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0


def _refusal(path: Path, data: bytes) -> str:
    names = _foreign_names(_pickle_of(data))
    if names:
        return (
            f"{path} is refused: loading it would run code ({', '.join(names[:3])}); "
            "save the network's state_dict alone: torch.save(model.state_dict(), ...)"
        )
    if data.startswith(b"PK"):
        what = "a zip archive that is damaged, cut short, or not from torch.save"
    else:
        what = "not a file that torch.save wrote, or damaged"
    return f"{path} is no checkpoint: {what}; give a .pt file with the network's state_dict"


def _pickle_of(data: bytes) -> bytes:
    """Return the pickle in a file of torch.save, or `data` itself where there is no archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name.rpartition("/")[2] == "data.pkl":
                    return archive.read(name)
            return b""
    # A damaged archive is no news here: the refusal is already certain.
    except Exception:
        return data


def _foreign_names(data: bytes) -> list[str]:
    """Return the functions and classes, other than torch's own, that a pickle would call.

    torch's own messages do not tell a pickle that runs code from plain garbage, so the opcodes
    are read here, without executing any.
    """
    names: list[str] = []
    calls = False
    stream = io.BytesIO(data)
    try:
        for _ in range(_MAX_PICKLES):
            strings: list[str] = []
            for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
                if count > _MAX_OPCODES:
                    break
                calls = calls or opcode.name in _CALLS
                if opcode.name in ("GLOBAL", "INST"):
                    names.append(str(argument).replace(" ", "."))
                elif opcode.name == "STACK_GLOBAL":
                    names.append(".".join(strings[-2:]))
                elif isinstance(argument, str):
                    strings.append(argument)
    # pickletools raises ValueError for garbage, and other errors for hostile numbers.
    except Exception:
        pass
    found = [name for name in names if _NAME.fullmatch(name) and not _HARMLESS.fullmatch(name)]
    return list(dict.fromkeys(found)) if calls else []
