"""Integer meaning of adaptive average-pooling."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.adaptiveavgpool1d import QuantizedAdaptiveAvgPool1d


def accumulate(op: QuantizedAdaptiveAvgPool1d, x: Integers) -> Integers:
    """Return the exact sums ``(n, channels, positions)`` of ``(n, channels, length)``."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    sums = [weight * x[:, :, group].sum(axis=2, dtype=np.int64) for group, weight in op.groups]
    result: Integers = np.stack(sums, axis=2)
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result


def rounded(op: QuantizedAdaptiveAvgPool1d, sums: Integers) -> Integers:
    """Return ``(n, channels, positions)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
