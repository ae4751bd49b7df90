"""Integer meaning of a product of two values."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.multiply import QuantizedMultiply


def accumulate(op: QuantizedMultiply, x: Integers, y: Integers) -> Integers:
    """Return the exact products ``(n, *shape)``."""
    for each, source in zip((x, y), op.sources, strict=True):
        check_range(f"{op.name} input", each, source.min, source.max)
    first, second = (
        each.astype(np.int64).reshape(-1, *op.beside(shape))
        for each, shape in zip((x, y), op.shapes, strict=True)
    )
    products: Integers = first * second
    check_range(f"{op.name} products", products, *op.accumulator)
    return products


def rounded(op: QuantizedMultiply, sums: Integers) -> Integers:
    """Return ``(n, *shape)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
