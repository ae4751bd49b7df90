"""Integer meaning of max-pooling."""

from __future__ import annotations

from hwgen.fixedpoint import Integers
from hwgen.network import pooling
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


def accumulate(op: QuantizedMaxPool1d, x: Integers) -> Integers:
    """Return the maxima ``(n, channels, positions)``: padding is at the format's lower end."""
    result: Integers = pooling.groups(op, x, op.out.min).max(axis=3)
    return result


def rounded(op: QuantizedMaxPool1d, sums: Integers) -> Integers:
    """Return the maxima: nothing is rounded."""
    del op
    return sums
