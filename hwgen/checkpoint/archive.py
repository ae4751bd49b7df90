"""Where a file of torch.save keeps its pickle and its numbers, in both of its formats."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from hwgen.checkpoint import inert

_BEFORE = 3  # a number, a version, and what machine it was
_LEGACY_PICKLES = _BEFORE + 2  # the object, and the keys of its storages
_ITEM_SIZES = {"Double": 8, "Long": 8, "Float": 4, "Int": 4, "Half": 2, "BFloat16": 2, "Short": 2}


def pickle_of(data: bytes) -> bytes:
    """Return the pickle in a file of torch.save, or `data` itself where there is no archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            name = _member(packed, "data.pkl")
            return packed.read(name) if name else b""
    # A damaged archive is told by whoever reads it.
    except Exception:
        return data


def pickles(data: bytes) -> int:
    """Return how many pickles follow each other in a file of torch.save."""
    return 1 if data.startswith(b"PK") else _LEGACY_PICKLES


def load(data: bytes) -> tuple[Any, Callable[[str], bytes]]:
    """Return the object with stand-ins, and what gives the bytes of a storage of a key.

    Raises whatever a damaged file leads to; runs nothing of it.
    """
    if data.startswith(b"PK"):
        return _zipped(data)
    return _legacy(data)


def _member(packed: zipfile.ZipFile, end: str) -> str | None:
    return next((name for name in packed.namelist() if name.partition("/")[2] == end), None)


def _zipped(data: bytes) -> tuple[Any, Callable[[str], bytes]]:
    packed = zipfile.ZipFile(io.BytesIO(data))
    name = _member(packed, "data.pkl")
    if name is None:
        raise ValueError("no data.pkl")
    root = name.removesuffix("data.pkl")
    if root + "byteorder" in packed.namelist() and packed.read(root + "byteorder") != b"little":
        raise ValueError("written on a big-endian machine")
    value = inert.load(io.BytesIO(packed.read(name)))
    return value, lambda key: packed.read(f"{root}data/{key}")


def _legacy(data: bytes) -> tuple[Any, Callable[[str], bytes]]:
    stream = io.BytesIO(data)
    for _ in range(_BEFORE):
        inert.load(stream)
    kinds: dict[str, str] = {}
    value = inert.load(stream, kinds)
    keys = inert.load(stream)
    found: dict[str, bytes] = {}
    for key in keys:
        count = int.from_bytes(stream.read(8), "little")
        size = count * _ITEM_SIZES[kinds[key].removeprefix("torch.").removesuffix("Storage")]
        if size > len(data):
            raise ValueError("a storage of more bytes than the file")
        found[key] = stream.read(size)
    return value, found.__getitem__
