"""MATLAB files: level 4, level 5 (``save -v6`` and ``-v7``), and 7.3, which is HDF5."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import InputError
from hwgen.files import read_bytes
from hwgen.signals.formats._contents import Contents

ENDINGS = (".mat",)
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HEAD = 1024


def read(path: Path) -> Contents:
    """Return all vectors, in structs and cells too, by their path: ``bearing.gs``, ``data[2]``."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if _SIGNATURE in head or head.startswith(b"MATLAB 7.3"):
        from hwgen.signals.formats import _hdf5

        return _hdf5.read(path)
    from hwgen.signals.formats import _matlab4, _matlab5
    from hwgen.signals.formats._nested import contents_of

    data = read_bytes(path)
    try:
        return contents_of(_matlab4.tree(data) if _matlab4.begins(data) else _matlab5.tree(data))
    except _matlab5.TruncatedError as error:
        raise InputError(f"{path} is truncated: {error}; copy it again") from error
