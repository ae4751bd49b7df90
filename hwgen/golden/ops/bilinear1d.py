"""Integer meaning of a product of two convolutions."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.patches import patches
from hwgen.golden.product import products
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.bilinear1d import QuantizedBilinear1d


def columns(op: QuantizedBilinear1d, x: Integers) -> tuple[Integers, ...]:
    """Return what weights of both meet, ``(n * positions, channels * kernel)``."""
    seen = patches(op, x.reshape(len(x), -1, op.length))
    return (seen.reshape(len(x) * op.positions, -1),)


def factors(op: QuantizedBilinear1d, x: Integers) -> Integers:
    """Return the exact sums of both, ``(n, 2 filters, positions)`` of ``(n, channels, length)``."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    given = x.reshape(len(x), -1, op.length)
    found = np.concatenate([_sums(op, part) for part in op.parts_of(given)])
    sums = (found + op.bias).transpose(0, 2, 1)
    check_range(f"{op.name} sums", sums, *op.sums)
    return sums


def _sums(op: QuantizedBilinear1d, x: Integers) -> Integers:
    """Return the products with both's weights, ``(n, positions, 2 filters)``."""
    (met,) = columns(op, x)
    found = products(op, met, op.weight.reshape(len(op.weight), -1))
    return found.reshape(len(x), op.positions, -1)


def accumulate(op: QuantizedBilinear1d, x: Integers) -> Integers:
    """Return the exact products of both factors, ``(n, *shape)``."""
    one, other = np.split(requantize(factors(op, x), op.down, op.factor), 2, axis=1)
    result: Integers = one * other
    check_range(f"{op.name} products", result, *op.products)
    return result[:, :, 0] if op.flat else result


def rounded(op: QuantizedBilinear1d, sums: Integers) -> Integers:
    """Return ``(n, *shape)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
