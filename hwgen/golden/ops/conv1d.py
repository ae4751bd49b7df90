"""Integer meaning of a convolution."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.patches import patches
from hwgen.golden.product import products
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def columns(op: QuantizedConv1d, x: Integers) -> tuple[Integers, ...]:
    """Return what weights meet, per group: ``(n * positions, channels / groups * kernel)``."""
    parts = np.split(patches(op, x), op.groups, axis=2)
    return tuple(part.reshape(len(x) * op.positions, -1) for part in parts)


def accumulate(op: QuantizedConv1d, x: Integers, *added: Integers) -> Integers:
    """Return the exact sums ``(n, filters, positions)`` of ``(n, channels, length)``.

    What is added has their shape.
    """
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    sums = np.concatenate([_sums(op, part) for part in op.parts_of(x)])
    result = ((sums << op.up) + op.bias).transpose(0, 2, 1)
    for value in added:
        assert op.skip is not None
        check_range(f"{op.name} added", value, op.skip.min, op.skip.max)
        result = result + value.astype(np.int64) * op.skip_gain[:, np.newaxis]
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result


def _sums(op: QuantizedConv1d, x: Integers) -> Integers:
    """Return the products with the weights, ``(n, positions, filters)``."""
    weights = np.split(op.weight.reshape(len(op.weight), -1), op.groups)
    parts = zip(columns(op, x), weights, strict=True)
    sums = np.concatenate([products(op, part, rows) for part, rows in parts], axis=1)
    return sums.reshape(len(x), op.positions, len(op.weight))


def rounded(op: QuantizedConv1d, sums: Integers) -> Integers:
    """Return ``(n, filters, positions)`` in the output's format."""
    return requantize(sums, op.shift, op.out, even=op.even)
