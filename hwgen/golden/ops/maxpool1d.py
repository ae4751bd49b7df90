"""Integer meaning of max-pooling."""

from __future__ import annotations

from hwgen.fixedpoint import Integers
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


def accumulate(op: QuantizedMaxPool1d, x: Integers) -> Integers:
    """Return ``(n, channels, length // size)``; a rest that fills no group is dropped."""
    groups = op.length // op.size
    whole = x[:, :, : groups * op.size]
    result: Integers = whole.reshape(len(x), op.channels, groups, op.size).max(axis=3)
    return result


def rounded(op: QuantizedMaxPool1d, sums: Integers) -> Integers:
    """Return the maxima: nothing is rounded."""
    del op
    return sums
