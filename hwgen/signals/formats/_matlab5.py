"""MATLAB's level 5 container: numbers, text, structs and cells.

After MathWorks, "MAT-File Format", chapter 1: a header of 128 bytes that ends in the byte order,
then elements. An element is a tag (4 bytes type, 4 bytes size) and its data; a small one has
2 bytes size, 2 bytes type and up to 4 bytes data in one. A variable is an element `miMATRIX`,
perhaps deflated inside a `miCOMPRESSED`, made of elements padded to 8 bytes: flags with the
class, dimensions, name, real part, imaginary part.

Read here and not by `scipy.io.loadmat`, which a corrupt file can crash (a segmentation fault,
seen with SciPy 1.17.1: types and sizes inside a variable go unchecked into its C code).
"""

from __future__ import annotations

import itertools
import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from hwgen.signals.formats._tree import DEEPEST, MOST_NODES, Node, Numbers, Other, Words

HEADER = 128
_BYTE_ORDERS = {b"IM": "<", b"MI": ">"}
_TEXT, _MATRIX, _COMPRESSED = 1, 14, 15
_NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMERIC_CLASSES = range(6, 16)  # mxDOUBLE, mxSINGLE, mxINT8 ... mxUINT64
_LOGICAL, _COMPLEX = 0x0200, 0x0800
_HEAD_BYTES = 4096
"""Enough of a variable for flags, dimensions and name."""
_MAX_BYTES = 1 << 30
"""A deflated variable can be a thousand times the file."""
_MOST_TEXT = 4096


class TruncatedError(ValueError):
    """An element is larger than what holds it."""


@dataclass
class _Budget:
    """What a file's structs may still come to, whatever it announces."""

    nodes: int = MOST_NODES
    bytes: int = _MAX_BYTES


def variables(data: bytes) -> dict[str, Node]:
    """Return the variables in a file's content; ValueError if it is not sound level 5."""
    order = _BYTE_ORDERS.get(data[HEADER - 2 : HEADER])
    if order is None:
        raise ValueError("no MATLAB header; save it with -v7 in MATLAB")
    found: dict[str, Node] = {}
    budget = _Budget()
    for kind, content in _elements(memoryview(data)[HEADER:], order, padded=False):
        if kind not in (_MATRIX, _COMPRESSED):
            raise ValueError(f"element of type {kind} where a variable should be")
        packed = kind == _COMPRESSED
        head = _start(content, order) if packed else content
        opened = partial(_inflated if packed else _same, content, order)
        name, node = _matrix(head, opened, order, budget, 0)
        if name:  # MATLAB keeps the workspace of functions under an empty name
            found[name] = node
    return found


def _matrix(
    head: memoryview, whole: Callable[[], memoryview], order: str, budget: _Budget, depth: int
) -> tuple[str, Node]:
    """Return name and value of a matrix; `head` is its start, `whole` returns all of it."""
    budget.nodes -= 1
    if budget.nodes < 0 or depth > DEEPEST:
        raise ValueError(f"more than {MOST_NODES} values, or {DEEPEST} structs in each other")
    if not head:  # an empty field or cell
        return "", Other("empty")
    flags, name, shape = _described(head, order)
    of = flags & 0xFF
    if of in _NUMERIC_CLASSES and not flags & (_LOGICAL | _COMPLEX):
        return name, Numbers(shape, partial(_numbers, whole, name, shape, order))
    if of == _CHAR:
        short = sum(length != 1 for length in shape) <= 1 and math.prod(shape) <= _MOST_TEXT
        return name, Words(_text(whole(), order) if short else "")
    if of in (_STRUCT, _CELL):
        content = whole()
        if depth == 0:  # what it holds keeps all of it in memory
            budget.bytes -= len(content)
            if budget.bytes < 0:
                raise ValueError(f"structs and cells that unpack to more than {_MAX_BYTES} bytes")
        parts = _elements(content, order)
        _first(3, parts)
        inside = _structs if of == _STRUCT else _inner
        return name, list(inside(parts, math.prod(shape), order, budget, depth))
    numeric = "logical" if flags & _LOGICAL else "complex"
    return name, Other(numeric if of in _NUMERIC_CLASSES else "sparse or an object")


def _inner(
    parts: Iterator[tuple[int, memoryview]], count: int, order: str, budget: _Budget, depth: int
) -> Iterator[Node]:
    """Yield the values of `count` cells or fields."""
    for _ in range(count):
        ((kind, content),) = _first(1, parts)
        if kind != _MATRIX:
            raise ValueError(f"element of type {kind} where a value should be")
        yield _matrix(content, partial(_same, content, order), order, budget, depth + 1)[1]


def _structs(
    parts: Iterator[tuple[int, memoryview]], count: int, order: str, budget: _Budget, depth: int
) -> Iterator[Node]:
    """Yield the structs of an array of them."""
    (_, width), (_, names) = _first(2, parts)
    (size,) = struct.unpack(order + "i", width)
    if size <= 0 or len(names) % size:
        raise ValueError(f"names of fields have {len(names)} bytes of {size} each")
    fields = [
        bytes(names[at : at + size]).split(b"\0")[0].decode("ascii", "replace")
        for at in range(0, len(names), size)
    ]
    for _ in range(count if fields else 0):
        yield dict(zip(fields, _inner(parts, len(fields), order, budget, depth), strict=True))


def _same(content: memoryview, order: str) -> memoryview:
    del order
    return content


def _text(matrix: memoryview, order: str) -> str:
    """Return a text of one row."""
    _, _, _, (kind, content) = _first(4, _elements(matrix, order))
    codes = {2: "latin-1", 4: "utf-16" + ("-le" if order == "<" else "-be"), 16: "utf-8"}
    return bytes(content).decode(codes.get(kind, "utf-8"), "replace")


def _numbers(
    whole: Callable[[], memoryview], name: str, shape: tuple[int, ...], order: str
) -> np.ndarray:
    """Return the values of a numeric array, in the type they are stored in.

    Raises
    ------
    ValueError
        Anything in it is not sound.
    """
    _, _, _, (kind, content) = _first(4, _elements(whole(), order))
    if kind not in _NUMBERS:
        raise ValueError(f"{name} has values of the unknown type {kind}")
    dtype = np.dtype(order + _NUMBERS[kind])
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} has {len(content)} bytes for shape {shape}")
    return np.frombuffer(content, dtype).reshape(shape, order="F")


def _described(head: memoryview, order: str) -> tuple[int, str, tuple[int, ...]]:
    """Return flags, name and shape at the start of a matrix."""
    (_, first), (kind, second), (last_kind, last) = _first(3, _elements(head, order))
    shape: tuple[int, ...] = ()
    if kind != _TEXT:  # objects have no dimensions: their name comes second
        shape = tuple(int(n) for n in np.frombuffer(second, order + "i4"))
        kind, second = last_kind, last
    if kind != _TEXT or any(length < 0 for length in shape):
        raise ValueError("a variable without a name, or of negative size")
    return _flags(first, order), bytes(second).decode("ascii", "replace"), shape


def _first(count: int, elements: Iterator[tuple[int, memoryview]]) -> list[tuple[int, memoryview]]:
    found = list(itertools.islice(elements, count))
    if len(found) < count:
        raise ValueError("a variable lacks flags, dimensions, name or values")
    return found


def _flags(content: memoryview, order: str) -> int:
    return struct.unpack_from(order + "I", content)[0]


def _start(content: memoryview, order: str, limit: int = _HEAD_BYTES) -> memoryview:
    """Return the first bytes of a deflated matrix's content."""
    inflated = memoryview(zlib.decompressobj().decompress(content, limit))
    kind, _ = struct.unpack_from(order + "II", inflated)
    if kind != _MATRIX:
        raise ValueError(f"element of type {kind} where a variable should be")
    return inflated[8:]


def _inflated(content: memoryview, order: str) -> memoryview:
    """Return a deflated matrix's content; no more is inflated than it announces."""
    inflater = zlib.decompressobj()
    tag = inflater.decompress(content, 8)
    kind, size = struct.unpack(order + "II", tag)
    if kind != _MATRIX:
        raise ValueError(f"element of type {kind} where a variable should be")
    if size > _MAX_BYTES:
        raise ValueError(f"a variable of {size} bytes; at most {_MAX_BYTES} are read")
    inflated = inflater.decompress(inflater.unconsumed_tail, size + 1)
    if not inflater.eof or size > len(inflated):
        raise TruncatedError(f"a variable ends early, or has more than {size} bytes")
    return memoryview(inflated)[:size]


def _elements(
    content: memoryview, order: str, *, padded: bool = True
) -> Iterator[tuple[int, memoryview]]:
    """Yield the type and data of each element in `content`."""
    position = 0
    while position < len(content):
        if len(content) - position < 8:
            raise TruncatedError("it ends in the middle of a tag")
        kind, size = struct.unpack_from(order + "II", content, position)
        start = position + 8
        if kind >> 16:  # small
            kind, size, start = kind & 0xFFFF, kind >> 16, position + 4
        end = start + size
        if end > len(content) or (start == position + 4 and size > 4):
            raise TruncatedError(f"{end} bytes announced, {len(content)} present")
        yield kind, content[start:end]
        position = position + 8 if start == position + 4 else end
        if padded:
            position += -position % 8
