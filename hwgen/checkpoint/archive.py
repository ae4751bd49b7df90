"""Where a file of torch.save keeps its pickle and its numbers, in both of its formats."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from hwgen.checkpoint import inert

_BEFORE = 3  # a number, a version, and what machine it was
_LEGACY_PICKLES = _BEFORE + 2  # the object, and the keys of its storages
_ITEM_SIZES = {
    "Double": 8, "Long": 8, "Float": 4, "Int": 4, "Half": 2, "BFloat16": 2, "Short": 2,
    "Char": 1, "Byte": 1, "Bool": 1, "Untyped": 1,
}  # fmt: skip
_PART = 1 << 20


def damage(data: bytes) -> str:
    """Return which entry of a zip archive does not agree with its checksum, "" if none.

    torch's own reader does not look at the checksums. They are all 0 where torch.save was told to
    make none: then nothing is checked. An archive that cannot be opened is told by whoever reads
    it.
    """
    try:
        with opened(data) as packed:
            for entry in packed.infolist():
                if not _is_whole(packed, entry):
                    return entry.filename
    # zipfile raises whatever a damaged list of entries leads to.
    except Exception:
        return ""
    return ""


def _is_whole(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with packed.open(entry) as stream:
            while stream.read(_PART):
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False
    return True


def opened(data: bytes) -> zipfile.ZipFile:
    """Return a zip archive; without checksums, where all of them are 0, none is looked at."""
    packed = zipfile.ZipFile(io.BytesIO(data))
    if not any(entry.CRC for entry in packed.infolist()):
        for entry in packed.infolist():
            del entry.CRC
    return packed


def pickle_of(data: bytes) -> bytes:
    """Return the pickle in a file of torch.save, or `data` itself where there is no archive."""
    try:
        with opened(data) as packed:
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
    packed = opened(data)
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
        size = count * _ITEM_SIZES[kinds[key].rpartition(".")[2].removesuffix("Storage")]
        if size > len(data):
            raise ValueError("a storage of more bytes than the file")
        found[key] = stream.read(size)
    return value, found.__getitem__
