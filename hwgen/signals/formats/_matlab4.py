"""MATLAB's level 4 container: matrices one behind the other, without any file header.

After MathWorks, "MAT-File Format", chapter 2: five 32-bit integers (type MOPT: byte order, 0,
type of the numbers, kind of matrix; rows; columns; imaginary flag; length of the name), the name,
the numbers column by column.
"""

from __future__ import annotations

import struct
from functools import partial

import numpy as np

from hwgen.signals.formats._nested import Array, Node, Other

_TYPES = ("f8", "f4", "i4", "i2", "u2", "u1")
_LONGEST_NAME = 256


def begins(data: bytes) -> bool:
    """Return whether a file's content begins as level 4 does."""
    return _head(data, 0) is not None


def tree(data: bytes) -> dict[str, Node]:
    """Return the variables in a file's content; ValueError if it is not sound level 4."""
    found: dict[str, Node] = {}
    position = 0
    while position < len(data):
        head = _head(data, position)
        if head is None:
            raise ValueError(f"no MATLAB 4 matrix at byte {position}")
        order, kind, of, rows, columns, imaginary, length = head
        start = position + 20 + length
        name = data[position + 20 : start].split(b"\0")[0].decode("ascii", "replace")
        dtype = np.dtype(order + _TYPES[of])
        end = start + rows * columns * dtype.itemsize * (1 + imaginary)
        if end > len(data):
            raise ValueError(f"it is truncated: {end} bytes announced, {len(data)} present")
        plain = kind == 0 and not imaginary
        load = partial(_numbers, data, dtype, start, rows, columns)
        found[name] = Array((rows, columns), load) if plain else Other()
        position = end
    return found


def _numbers(data: bytes, dtype: np.dtype, start: int, rows: int, columns: int) -> np.ndarray:
    flat = np.frombuffer(data, dtype, rows * columns, start)
    return flat.reshape((rows, columns), order="F")


def _head(data: bytes, position: int) -> tuple[str, int, int, int, int, int, int] | None:
    """Return byte order, kind, type, rows, columns, imaginary flag and length of the name."""
    if len(data) - position < 20:
        return None
    for order, first in (("<", 0), (">", 1)):
        mopt, rows, columns, imaginary, length = struct.unpack_from(order + "5i", data, position)
        thousands, rest = divmod(mopt, 1000)
        zero, rest = divmod(rest, 100)
        of, kind = divmod(rest, 10)
        sound = (thousands, zero) == (first, 0) and of < len(_TYPES) and kind in (0, 1, 2)
        sized = min(rows, columns) >= 0 and imaginary in (0, 1) and 0 < length <= _LONGEST_NAME
        if sound and sized:
            return order, kind, of, rows, columns, imaginary, length
    return None
