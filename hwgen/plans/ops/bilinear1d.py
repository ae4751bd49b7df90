"""A product of two convolutions as a step: rows of both leave in pairs that meet."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Pairs, Post, Step
from hwgen.quantized.ops.bilinear1d import QuantizedBilinear1d


def lower(op: QuantizedBilinear1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    (source,) = operands
    order = _order(op.filters, array.drain)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=op.stride, before=op.padding),
        taps=source.taps(op.weight[order], np.arange(op.weight.shape[2]) * op.dilation),
        bias=op.bias[order],
        positions=op.positions,
        post=Post(op.down, op.factor, 0 * order, pairs=Pairs(op.shift, op.out)),
        accumulator=op.sums,
        weight_bits=op.weight_bits,
        products=op.positions * op.weight.size,
    )


def _order(filters: int, drain: int) -> Integers:
    """Return the rows so that what leaves together is followed by what it is multiplied by."""
    rows = np.arange(2 * filters).reshape(2, -1, drain) if filters % drain == 0 else None
    if rows is None:  # no plan has that, but a step may be asked for before its rules are
        return np.arange(2 * filters)
    return rows.swapaxes(0, 1).reshape(-1)
