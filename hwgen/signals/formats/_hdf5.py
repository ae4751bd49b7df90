"""HDF5, as plain files and as MATLAB 7.3 writes its variables into it.

MATLAB's arrays lie transposed; its texts are 16-bit integers and its structs groups, both named
so by the attribute ``MATLAB_class``; cells and arrays of structs are references into ``#refs#``.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Contents
from hwgen.signals.formats._nested import Array, Node, Other, Text, contents_of, rate_in
from hwgen.signals.formats._stated import known_unit

if TYPE_CHECKING:
    import h5py

_MOST_NODES = 20_000
_DEEPEST = 16
_MOST_BYTES = 1 << 30
"""Of one array: a packed one can be a thousand times the file."""
_LONGEST_TEXT = 4096
_UNITS = ("unit", "units", "Unit", "Units")


def read(path: Path) -> Contents:
    """Return the vectors of a file; `InputError` if it is not sound HDF5."""
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            return contents_of(_Walk(path, file).group(file, 0))
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is not a usable HDF5 file: {reason}; copy it again") from error


class _Walk:
    """Goes through a file, each object once."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self._path, self._file = path, file
        self._seen: set[Any] = set()
        self._left = _MOST_NODES

    def group(self, group: h5py.Group, depth: int) -> dict[str, Node]:
        """Return what is in a group; links to other files and MATLAB's own store are left out."""
        import h5py

        found: dict[str, Node] = {}
        if depth > _DEEPEST:
            raise InputError(f"{self._path}: groups lie more than {_DEEPEST} deep")
        for key, value in group.attrs.items():
            found[key] = self._attribute(value)
        for name in group:
            linked = group.get(name, getlink=True)
            if isinstance(linked, h5py.ExternalLink) or name == "#refs#":
                continue
            found[name] = self._node(group[name], depth)
        return found

    @staticmethod
    def _attribute(value: Any) -> Node:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" or array.size != 1:
            return Other()
        return Array((1,), lambda: array.reshape(1))

    def _node(self, thing: Any, depth: int) -> Node:
        import h5py

        self._left -= 1
        if self._left < 0:
            raise InputError(f"{self._path} holds more than {_MOST_NODES} arrays and groups")
        where = h5py.h5o.get_info(thing.id)
        if (where.fileno, where.addr) in self._seen:
            return Other()
        self._seen.add((where.fileno, where.addr))
        if isinstance(thing, h5py.Group):
            return self.group(thing, depth + 1)
        if not isinstance(thing, h5py.Dataset):
            return Other()
        return self._array(thing, depth)

    def _array(self, data: h5py.Dataset, depth: int) -> Node:
        import h5py

        kind = data.attrs.get("MATLAB_class", b"")
        kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
        shape = data.shape
        if shape is None or 0 in shape or data.attrs.get("MATLAB_empty", 0):
            return Other()
        if kind == "char":
            return self._text(data)
        if data.dtype == h5py.ref_dtype:
            return self._cells(data, depth)
        if kind == "logical" or data.dtype.kind not in "iuf":
            return Other()
        self._check(data)
        unit = next((data.attrs[name] for name in _UNITS if name in data.attrs), None)
        unit = unit.decode("utf-8", "replace") if isinstance(unit, bytes) else unit
        load = partial(_load, self._path, data.name)
        rate, _ = rate_in({name: self._attribute(value) for name, value in data.attrs.items()})
        return Array(tuple(shape), load, known_unit(unit) if isinstance(unit, str) else None, rate)

    def _text(self, data: h5py.Dataset) -> Node:
        if math.prod(data.shape) > _LONGEST_TEXT or data.dtype.kind != "u":
            return Other()
        codes = np.asarray(data[()]).reshape(-1)
        return Text("".join(chr(int(code)) for code in codes if code < 0x110000))

    def _cells(self, data: h5py.Dataset, depth: int) -> Node:
        if depth > _DEEPEST or math.prod(data.shape) > _MOST_NODES:
            raise InputError(f"{self._path}: {data.name} holds too many cells, or too deep")
        cells = np.asarray(data[()]).reshape(-1)
        return [self._node(self._file[each], depth + 1) if each else Other() for each in cells]

    def _check(self, data: h5py.Dataset) -> None:
        """Refuse an array that is not there, lies elsewhere, or is too large."""
        size = math.prod(data.shape) * data.dtype.itemsize
        if data.external or data.is_virtual:
            raise InputError(f"{self._path}: {data.name} lies in another file; copy it in")
        if size > _MOST_BYTES:
            raise InputError(
                f"{self._path}: {data.name} must have at most {_MOST_BYTES} bytes, not {size}"
            )
        if math.prod(data.shape) > 1 and data.id.get_storage_size() == 0:
            raise InputError(f"{self._path}: {data.name} announces {data.shape} and has no values")


def _load(path: Path, name: str) -> np.ndarray:
    """Return an array's numbers."""
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            return np.asarray(file[name][()])
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is not a usable HDF5 file: {reason}; copy it again") from error
