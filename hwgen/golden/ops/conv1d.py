"""Integer meaning of a convolution."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def columns(op: QuantizedConv1d, x: Integers) -> Integers:
    """Return what a filter's weights meet: ``(n * positions, channels * kernel)``."""
    _, channels, kernel = op.weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (op.padding, op.padding)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=2)
    patches = patches[:, :, :: op.stride].transpose(0, 2, 1, 3)
    result: Integers = patches.reshape(len(x) * op.positions, channels * kernel)
    return result


def accumulate(op: QuantizedConv1d, x: Integers) -> Integers:
    """Return the exact sums ``(n, filters, positions)`` of ``(n, channels, length)``."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    filters = len(op.weight)
    rows = columns(op, x)
    # Exact: every product and sum is an integer far below 2**53 (checked here and below).
    if np.abs(np.array(op.accumulator)).max() >= 1 << 52:
        raise OverflowError(f"{op.name} accumulator {op.accumulator} is too wide to check")
    sums = rows.astype(np.float64) @ op.weight.reshape(filters, -1).T.astype(np.float64)
    result = sums.astype(np.int64).reshape(len(x), op.positions, filters) + op.bias
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result.transpose(0, 2, 1)


def rounded(op: QuantizedConv1d, sums: Integers) -> Integers:
    """Return ``(n, filters, positions)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
