"""MATLAB's level 4 container: matrices of numbers, one behind the other.

After MathWorks, "MAT-File Format", chapter 2: for each matrix five integers (type, rows, columns,
whether complex, bytes of the name), the name, the values column by column.
"""

from __future__ import annotations

import struct
from functools import partial

import numpy as np

from hwgen.signals.formats._tree import MOST_NODES, Node, Numbers, Other, Words

_HEAD = 20
_TYPES = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_ORDERS = {0: "<", 1: ">"}
_NUMBERS, _TEXT = 0, 1
_MOST_NAME = 256


def starts(data: bytes) -> bool:
    """Return whether content starts as level 4 does."""
    try:
        _order(data)
    except (ValueError, struct.error):
        return False
    return True


def variables(data: bytes) -> dict[str, Node]:
    """Return the variables in a file's content; ValueError if it is not sound level 4."""
    found: dict[str, Node] = {}
    position = 0
    while position < len(data):
        if len(found) > MOST_NODES or len(data) - position < _HEAD:
            raise ValueError("it ends in the middle of a variable")
        order = _order(data[position : position + _HEAD])
        kind, rows, columns, paired, length = struct.unpack_from(order + "5i", data, position)
        start = position + _HEAD + length
        name = data[position + _HEAD : start].split(b"\0")[0].decode("ascii", "replace")
        dtype = np.dtype(order + _TYPES[kind // 10 % 10])
        count = rows * columns
        position = start + count * dtype.itemsize * (2 if paired else 1)
        if position > len(data):
            raise ValueError(f"{position} bytes announced, {len(data)} present")
        of = kind % 10
        if of == _NUMBERS and not paired:
            load = partial(_matrix, data, dtype, start, rows, columns)
            found[name] = Numbers((rows, columns), load)
        elif of == _TEXT and rows == 1:
            codes = np.frombuffer(data, dtype, count, start)
            found[name] = Words("".join(chr(int(code) & 0x7F) for code in codes[:_MOST_NAME]))
        else:
            found[name] = Other("complex" if paired else "text or sparse")
    return found


def _order(head: bytes) -> str:
    """Return the byte order of a matrix's head."""
    for order in _ORDERS.values():
        kind, rows, columns, paired, length = struct.unpack_from(order + "5i", head)
        machine, rest = divmod(kind, 1000)
        if (
            _ORDERS.get(machine) == order
            and rest < 100
            and rest // 10 in _TYPES
            and rest % 10 <= 2
            and min(rows, columns) >= 0
            and paired in (0, 1)
            and 0 < length <= _MOST_NAME
        ):
            return order
    raise ValueError("no MATLAB header; save it with -v7 in MATLAB")


def _matrix(data: bytes, dtype: np.dtype, start: int, rows: int, columns: int) -> np.ndarray:
    return np.frombuffer(data, dtype, rows * columns, start).reshape((rows, columns), order="F")
