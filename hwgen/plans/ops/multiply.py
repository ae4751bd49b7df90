"""A product of two values as a step: sums are single values, and leave in pairs that meet."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import WEIGHT_OF_ONE, Operand
from hwgen.plans.paired import paired
from hwgen.plans.step import Array, Pairs, Post, Step
from hwgen.quantized.ops.multiply import QuantizedMultiply


def lower(op: QuantizedMultiply, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    shape = op.shape
    reads, taps = paired(array, shape[0], [(operand, 0) for operand in operands])
    zeros = np.zeros(2 * shape[0], dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=taps,
        bias=zeros,
        positions=shape[1] if len(shape) == 2 else 1,
        post=Post(0, op.operand, zeros, pairs=Pairs(op.shift, op.out)),
        accumulator=(min(op.operand.min, 0), op.operand.max),
        weight_bits=WEIGHT_OF_ONE,
    )
