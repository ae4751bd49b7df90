"""Integer meaning of average-pooling."""

from __future__ import annotations

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.network import pooling
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d


def accumulate(op: QuantizedAvgPool1d, x: Integers) -> Integers:
    """Return the exact sums ``(n, channels, positions)`` of ``(n, channels, length)``."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    result: Integers = pooling.groups(op, x, 0).sum(axis=3, dtype="int64")
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result


def rounded(op: QuantizedAvgPool1d, sums: Integers) -> Integers:
    """Return ``(n, channels, positions)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
