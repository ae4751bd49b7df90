"""Arrays of a file by their names, whole, for what is no recording."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from hwgen.errors import InputError
from hwgen.files import access, read_bytes
from hwgen.signals.formats import _matlab4, _matlab5, npy, npz
from hwgen.signals.formats._tree import Numbers

_BROKEN = (ValueError, KeyError, EOFError, zipfile.BadZipFile, OverflowError, NotImplementedError)


def arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an .npy (called ``""``), .npz or .mat file; never a pickle.

    Raises
    ------
    InputError
        If it is damaged, or a MATLAB 7.3 file.
    """
    try:
        with access(path, "read"):
            return {".npy": _npy, ".npz": _npz, ".mat": _mat}[path.suffix.lower()](path)
    except _BROKEN as error:
        raise InputError(f"{path} is damaged or no such file: {error}; save it again") from error


def _npy(path: Path) -> dict[str, np.ndarray]:
    with path.open("rb") as stream:
        shape, _, dtype = npy.header(stream)
        npy.check(str(path), shape, dtype, path.stat().st_size - stream.tell())
    return {"": np.load(path, allow_pickle=False)}


def _npz(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as file:
        members = [member.filename for member in npz._members(path, file)]
    return {name.removesuffix(".npy"): npz._array(path, name) for name in members}


def _mat(path: Path) -> dict[str, np.ndarray]:
    data = read_bytes(path)
    if data.startswith(b"MATLAB 7.3"):
        raise InputError(f"{path} is a MATLAB 7.3 file; save it with -v7")
    found = (_matlab4 if _matlab4.starts(data) else _matlab5).variables(data)
    return {name: node.load() for name, node in found.items() if isinstance(node, Numbers)}
