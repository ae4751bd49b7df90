"""MATLAB's level 5 container: numeric arrays, texts, and the structs and cells that hold them.

After MathWorks, "MAT-File Format", chapter 1: a header of 128 bytes that ends in the byte order,
then elements. An element is a tag (4 bytes type, 4 bytes size) and its data; a small one has
2 bytes size, 2 bytes type and up to 4 bytes data in one. A variable is an element `miMATRIX`,
perhaps deflated inside a `miCOMPRESSED`, made of elements padded to 8 bytes: flags with the
class, dimensions, name, and then: of numbers real part, imaginary part; of a cell array its cells,
each a matrix; of a struct array the length of a field's name, all names in that length, and the
fields of each struct as matrices without a name.

Read here and not by `scipy.io.loadmat`, which a corrupt file can crash (a segmentation fault,
seen with SciPy 1.17.1: types and sizes inside a variable go unchecked into its C code).
"""

from __future__ import annotations

import itertools
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from hwgen.signals.formats._nested import Array, Node, Other, Text

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
_NUMERIC_CLASSES = range(6, 16)  # mxDOUBLE, mxSINGLE, mxINT8 ... mxUINT64
_LOGICAL, _COMPLEX = 0x0200, 0x0800
_CELL, _STRUCT, _CHAR = 1, 2, 4
_UTF16 = {"<": "utf-16-le", ">": "utf-16-be"}
_MOST_NODES = 100_000
_DEEPEST = 16
_LONGEST_TEXT = 4096
_HEAD_BYTES = 4096
"""Enough of a variable for flags, dimensions and name."""
_MAX_BYTES = 1 << 30
"""A deflated variable can be a thousand times the file."""


class TruncatedError(ValueError):
    """An element is larger than what holds it."""


@dataclass(frozen=True)
class Variable:
    """One variable's description and where its bytes are.

    Parameters
    ----------
    name, shape
        As in MATLAB; the shape is empty where the class has none.
    kind
        Its class, as a number.
    numeric, complex
        Whether it is an array of real or complex numbers, not text, cells, logicals, ...; which.
    order
        ``"<"`` or ``">"``.
    element
        The matrix's content, deflated if `compressed`.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    numeric: bool
    complex: bool
    order: str
    element: memoryview
    compressed: bool


def tree(data: bytes) -> dict[str, Node]:
    """Return the variables in a file's content, as `hwgen.signals.formats._nested` has them.

    Raises
    ------
    ValueError
        It is not sound level 5.
    TruncatedError
        It ends early.
    """
    order = _BYTE_ORDERS.get(data[HEADER - 2 : HEADER])
    if order is None:
        raise ValueError("no MATLAB 5 header; save it with -v7 in MATLAB")
    found: dict[str, Node] = {}
    room = _Room(_MOST_NODES)
    for kind, content in _elements(memoryview(data)[HEADER:], order, padded=False):
        if kind not in (_MATRIX, _COMPRESSED):
            raise ValueError(f"element of type {kind} where a variable should be")
        variable = _described(content, kind == _COMPRESSED, order)
        if variable.name:  # MATLAB keeps the workspace of functions under an empty name
            found[variable.name] = _node(variable, room, 0)
    return found


@dataclass
class _Room:
    """How many nodes may still come: a small file can announce any number of empty cells."""

    left: int

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise ValueError(f"more than {_MOST_NODES} variables, cells and fields")


def _node(variable: Variable, room: _Room, depth: int) -> Node:
    """Return a variable with all that is in it."""
    room.take(1)
    if depth > _DEEPEST:
        raise ValueError(f"structs and cells more than {_DEEPEST} deep")
    if variable.numeric and not variable.complex:
        return Array(variable.shape, partial(numbers, variable))
    long = variable.kind == _CHAR and math.prod(variable.shape) > _LONGEST_TEXT
    if long or variable.kind not in (_CELL, _STRUCT, _CHAR):
        return Other()
    matrix = _opened(variable.element, variable.compressed, variable.order, _MAX_BYTES)
    parts = itertools.islice(_elements(matrix, variable.order), 3, None)
    if variable.kind == _CHAR:
        return _text(parts, variable.order)
    if variable.kind == _CELL:
        return [_inner(part, variable.order, room, depth) for part in parts]
    return _structs(parts, variable, room, depth)


def _structs(
    parts: Iterator[tuple[int, memoryview]], variable: Variable, room: _Room, depth: int
) -> Node:
    """Return a struct as a mapping, an array of them as a list."""
    (_, size), (_, text) = _first(2, parts)
    length = int.from_bytes(size, "little" if variable.order == "<" else "big")
    if not 0 < length <= len(text) or len(text) % length:
        return {} if not len(text) else Other()
    packed = [bytes(text[at : at + length]) for at in range(0, len(text), length)]
    names = [name.partition(b"\0")[0].decode("ascii", "replace") for name in packed]
    structs = []
    for _ in range(math.prod(variable.shape)):
        cells = [_inner(part, variable.order, room, depth) for part in _first(len(names), parts)]
        structs.append(dict(zip(names, cells, strict=True)))
    return structs[0] if len(structs) == 1 else structs


def _inner(part: tuple[int, memoryview], order: str, room: _Room, depth: int) -> Node:
    kind, content = part
    if kind != _MATRIX:
        raise ValueError(f"element of type {kind} where a field or a cell should be")
    if not len(content):  # an empty array may have no description at all
        room.take(1)
        return Other()
    return _node(_described(content, False, order), room, depth + 1)


def _text(parts: Iterator[tuple[int, memoryview]], order: str) -> Node:
    kind, content = next(parts, (0, memoryview(b"")))
    encoding = {_TEXT: "latin-1", 2: "latin-1", 16: "utf-8", 4: _UTF16[order], 17: _UTF16[order]}
    return Text(bytes(content).decode(encoding[kind], "replace")) if kind in encoding else Other()


def numbers(variable: Variable) -> np.ndarray:
    """Return the values of a numeric variable, in the type they are stored in.

    Raises
    ------
    ValueError
        Anything in it is not sound.
    """
    matrix = _opened(variable.element, variable.compressed, variable.order, _MAX_BYTES)
    (_, _), _, _, (kind, content) = _first(4, _elements(matrix, variable.order))
    if kind not in _NUMBERS:
        raise ValueError(f"{variable.name} has values of the unknown type {kind}")
    dtype = np.dtype(variable.order + _NUMBERS[kind])
    if len(content) != math.prod(variable.shape) * dtype.itemsize:
        raise ValueError(f"{variable.name} has {len(content)} bytes for shape {variable.shape}")
    return np.frombuffer(content, dtype).reshape(variable.shape, order="F")


def _described(content: memoryview, compressed: bool, order: str) -> Variable:
    """Return the description at the start of a matrix."""
    head = _opened(content, compressed, order, _HEAD_BYTES)
    (_, first), (kind, second), (last_kind, last) = _first(3, _elements(head, order))
    shape: tuple[int, ...] = ()
    if kind != _TEXT:  # objects have no dimensions: their name comes second
        shape = tuple(int(n) for n in np.frombuffer(second, order + "i4"))
        kind, second = last_kind, last
    if kind != _TEXT or any(length < 0 for length in shape):
        raise ValueError("a variable without a name, or of negative size")
    flags = _flags(first, order)
    kind = flags & 0xFF
    numeric = kind in _NUMERIC_CLASSES and not flags & _LOGICAL
    name = bytes(second).decode("ascii", "replace")
    is_complex = bool(flags & _COMPLEX)
    return Variable(name, shape, kind, numeric, is_complex, order, content, compressed)


def _first(count: int, elements: Iterator[tuple[int, memoryview]]) -> list[tuple[int, memoryview]]:
    found = list(itertools.islice(elements, count))
    if len(found) < count:
        raise ValueError("a variable lacks flags, dimensions, name or values")
    return found


def _flags(content: memoryview, order: str) -> int:
    return struct.unpack_from(order + "I", content)[0]


def _opened(content: memoryview, compressed: bool, order: str, limit: int) -> memoryview:
    """Return a matrix's content, or as much of it as `limit` bytes inflate to."""
    if not compressed:
        return content
    inflater = zlib.decompressobj()
    inflated = memoryview(inflater.decompress(content, limit))
    kind, size = struct.unpack_from(order + "II", inflated)
    if kind != _MATRIX:
        raise ValueError(f"element of type {kind} where a variable should be")
    if limit == _HEAD_BYTES:
        return inflated[8:]
    if not inflater.eof or 8 + size > len(inflated):
        raise TruncatedError(f"a variable ends early, or has more than {limit} bytes")
    return inflated[8 : 8 + size]


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
