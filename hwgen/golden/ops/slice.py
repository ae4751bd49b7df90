"""Integer meaning of some of a value's channels or positions."""

from __future__ import annotations

from hwgen.fixedpoint import Integers, check_range
from hwgen.network.ops.slice import along
from hwgen.quantized.ops.slice import QuantizedSlice


def accumulate(op: QuantizedSlice, x: Integers) -> Integers:
    """Return ``(n, *shape)`` of the slice."""
    check_range(f"{op.name} input", x, op.out.min, op.out.max)
    return x[along(op.axis, op.begin, op.count)]


def rounded(op: QuantizedSlice, sums: Integers) -> Integers:
    """Return the values as they are."""
    del op
    return sums
