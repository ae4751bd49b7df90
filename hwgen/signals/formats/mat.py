"""MATLAB files: level 4 (``save -v4``), 5 (``-v6``, ``-v7``) and 7.3, which is HDF5."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import InputError
from hwgen.files import read_bytes
from hwgen.signals.formats import _matlab4, _matlab5, hdf5
from hwgen.signals.formats._contents import Contents
from hwgen.signals.formats._tree import contents_of

ENDINGS = (".mat",)

_HDF5 = b"\x89HDF\r\n\x1a\n"


def read(path: Path) -> Contents:
    """Return the vectors among the variables, in structs and cells too, as channels.

    A field is called by its path, such as ``bearing.gs``; a scalar ``fs``, ``sr`` or the like is
    the sample rate of what is beside it.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if _HDF5 in head or head.startswith(b"MATLAB 7.3"):
        return hdf5.read(path)
    data = read_bytes(path)
    try:
        matlab = _matlab4 if _matlab4.starts(data) else _matlab5
        return contents_of(matlab.variables(data))
    except _matlab5.TruncatedError as error:
        raise InputError(f"{path} is truncated: {error}; copy it again") from error
