"""HDF5, by h5py: plain files, and what MATLAB 7.3 makes of its variables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import HwgenError, InputError
from hwgen.signals.formats._contents import Contents
from hwgen.signals.formats._stated import stated_scalar, stated_unit
from hwgen.signals.formats._tree import (
    DEEPEST,
    MOST_NODES,
    Node,
    Numbers,
    Other,
    Words,
    contents_of,
)

ENDINGS = (".h5", ".hdf5", ".hdf")

_MOST_BYTES = 1 << 31
"""Of one data set, unpacked; a packed or never written one takes no room in the file."""
_MOST_TEXT = 4096
_MOST_REFERENCES = 4096
_FILTERS = (1, 2, 3, 4, 5, 6, 32000)
"""Deflate, shuffle, checksum, szip, n-bit, scale-offset, lzf: no plug-in is loaded for a file."""
_INNER = ("#refs#", "#subsystem#")
"""Where MATLAB keeps what cells and arrays of structs refer to."""


def read(path: Path) -> Contents:
    """Return the data sets as channels, called by their paths, with dots between the groups.

    A scalar or an attribute called ``fs``, ``sampling_rate`` or the like is the sample rate of
    what is beside it and below. Links that lead elsewhere are not followed.

    Raises
    ------
    InputError
        It is damaged, or no recording.
    """
    with _opened(path) as file:
        return contents_of(_Walk(path, matlab="MATLAB" in _head(path)).group(file, 0))


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(16).decode("latin-1")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:
            yield file
    except (HwgenError, MemoryError):
        raise
    # h5py raises almost anything on a file that is damaged.
    except Exception as error:
        kind = "MATLAB 7.3" if _head(path).startswith("MATLAB") else "HDF5"
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(
            f"{path} is not a sound {kind} file: {reason}; copy it again, or save it with -v7"
            if kind.startswith("M")
            else f"{path} is not a sound {kind} file: {reason}; copy it again"
        ) from error


@dataclass
class _Walk:
    """Goes through a file once; nothing is visited twice, however it is linked."""

    path: Path
    matlab: bool
    seen: set[tuple[int, int]] = field(default_factory=set)
    nodes: int = 0

    def group(self, group: Any, depth: int) -> dict[str, Node]:
        """Return what is in a group."""
        import h5py

        self.seen.add(_place(group))
        found: dict[str, Node] = dict(self._attributes(group))
        for name in group:
            if name in _INNER:
                continue
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.HardLink):
                found[name] = self.node(group[name], depth + 1)
            else:
                found[name] = Other("a link to elsewhere")
        return found

    def node(self, thing: Any, depth: int) -> Node:
        """Return what a group or data set is."""
        import h5py

        self.nodes += 1
        if self.nodes > MOST_NODES or depth > DEEPEST:
            raise ValueError(f"more than {MOST_NODES} values, or {DEEPEST} groups in each other")
        if isinstance(thing, h5py.Group):
            if _place(thing) in self.seen:
                return Other("a link to elsewhere")
            return _rows(self.group(thing, depth)) if self.matlab else self.group(thing, depth)
        return self.dataset(thing, depth) if isinstance(thing, h5py.Dataset) else Other("a type")

    def dataset(self, data: Any, depth: int) -> Node:
        """Return what a data set is: numbers, text, or a list of what it refers to."""
        kind = _text_of(data.attrs.get("MATLAB_class"))
        if data.attrs.get("MATLAB_empty") or data.shape is None or 0 in data.shape:
            return Other("empty")
        if data.dtype.kind == "O":
            return self._objects(data, depth)
        if kind == "char":
            codes = _load(self.path, data.name, _MOST_TEXT).reshape(-1)[:_MOST_TEXT]
            return Words("".join(map(chr, codes.astype(np.uint16).tolist())))
        if kind == "logical" or data.dtype.kind not in "iuf":
            return Other("logical") if kind == "logical" else self._no_numbers(data)
        shape = data.shape or (1,)
        facts = dict(self._attributes(data))
        unit = stated_unit({name: n.text for name, n in facts.items() if isinstance(n, Words)})
        if self.matlab:
            return Numbers(shape[::-1], partial(_turned, self.path, data.name), unit)
        stated = (stated_scalar(name, partial(_only, node)) for name, node in facts.items())
        rate = next((each.hertz for each in stated if each is not None), None)
        return Numbers(shape, partial(_load, self.path, data.name), unit, rate)

    def _no_numbers(self, data: Any) -> Node:
        """Return what a data set is that has no real numbers."""
        if data.dtype.kind == "S" and data.size == 1 and data.dtype.itemsize <= _MOST_TEXT:
            return Words(_text_of(np.asarray(data[()]).reshape(-1)[0]))
        if data.dtype.kind == "c" or data.dtype.names == ("real", "imag"):
            return Other("complex")
        if data.dtype.names:
            return self._fields(data)
        return Other("logical" if data.dtype.kind == "b" else "text")

    def _fields(self, data: Any) -> Node:
        """Return the columns of a table of records, as PyTables and pandas write them."""
        found: dict[str, Node] = dict(self._attributes(data))
        for name in data.dtype.names:
            of = data.dtype[name]
            if of.base.kind in "iuf":
                shape = (*data.shape, *of.shape) or (1,)
                found[name] = Numbers(shape, partial(_column, self.path, data.name, name))
            else:
                found[name] = Other("no numbers")
        return found

    def _objects(self, data: Any, depth: int) -> Node:
        import h5py

        if h5py.check_string_dtype(data.dtype) is not None:
            return Words(_text_of(data[()])) if data.shape == () else Other("text")
        if h5py.check_ref_dtype(data.dtype) is not h5py.Reference or data.size > _MOST_REFERENCES:
            return Other("objects")
        references = _values(self.path, data).reshape(-1)
        found = (data.file[each] if each else None for each in references)
        return [Other("empty") if each is None else self.node(each, depth + 1) for each in found]

    def _attributes(self, group: Any) -> Iterator[tuple[str, Numbers | Words]]:
        """Yield scalar attributes: plain HDF5 files state sample rate and unit so."""
        for name, value in list(group.attrs.items())[:MOST_NODES]:
            number = np.asarray(value)
            if number.dtype.kind in "iuf" and number.size == 1:
                yield f"@{name}", Numbers((1,), partial(number.reshape, 1))
            elif number.size == 1 and (text := _text_of(number.reshape(-1)[0])):
                yield f"@{name}", Words(text[:_MOST_TEXT])


def _place(group: Any) -> tuple[int, int]:
    """Return what tells a group from every other, by whatever path it is reached."""
    import h5py

    info = h5py.h5o.get_info(group.id)
    return info.fileno, info.addr


def _rows(fields: dict[str, Node]) -> Node:
    """Return a list of structs where each field is a list: an array of structs in MATLAB 7.3."""
    lengths = {len(node) if isinstance(node, list) else 0 for node in fields.values()}
    if len(lengths) != 1 or 0 in lengths:
        return fields
    return [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]


def _text_of(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _turned(path: Path, name: str) -> np.ndarray:
    """Return an array as MATLAB has it: HDF5 has the last dimension first."""
    return _load(path, name).T


def _load(path: Path, name: str, most: int = _MOST_BYTES) -> np.ndarray:
    with _opened(path) as file:
        return _values(path, file[name], most)


def _column(path: Path, name: str, field: str) -> np.ndarray:
    return np.ascontiguousarray(_load(path, name)[field])


def _values(path: Path, data: Any, most: int = _MOST_BYTES) -> np.ndarray:
    """Return all of a data set, once it is known what it unpacks to and where it comes from."""
    size = math.prod(data.shape) * data.dtype.itemsize
    plist = data.id.get_create_plist()
    filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
    if data.is_virtual or data.external:
        raise InputError(f"{path}: {data.name} lies in another file; copy it into this one")
    if not set(filters) <= set(_FILTERS):
        raise InputError(
            f"{path}: {data.name} is packed in a way (filter {max(filters)}) that is not read; "
            "save it without, or with gzip"
        )
    if size > most:
        raise InputError(f"{path}: {data.name} unpacks to {size} bytes; at most {most} are read")
    if data.id.get_storage_size() == 0:
        raise InputError(f"{path}: {data.name} was never written: nothing is stored of it")
    return np.asarray(data[()])


def _only(node: Numbers | Words) -> float | str:
    return node.text if isinstance(node, Words) else float(node.load()[0])
