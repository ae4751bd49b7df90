"""Integer meaning of a sum of values."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.add import QuantizedAdd


def accumulate(op: QuantizedAdd, *xs: Integers) -> Integers:
    """Return the exact sums ``(n, *shape)``."""
    result = np.zeros((len(xs[0]), *op.shape), dtype=np.int64)
    rank = len(op.shape) - 1
    for x, source, up in zip(xs, op.sources, op.up, strict=True):
        check_range(f"{op.name} input", x, source.min, source.max)
        beside = x.astype(np.int64).reshape(*x.shape[:2], *x.shape[2:] or [1] * rank)
        result += beside << up.reshape(-1, *[1] * rank)
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result


def rounded(op: QuantizedAdd, sums: Integers) -> Integers:
    """Return ``(n, *shape)`` in the output's format."""
    return requantize(sums, op.shift, op.out, even=op.even)
