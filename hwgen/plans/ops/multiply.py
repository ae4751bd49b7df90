"""A product of two values as a step: sums are single values, and leave in pairs that meet."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import WEIGHT_OF_ONE, Operand, at_once
from hwgen.plans.paired import paired
from hwgen.plans.step import Array, Pairs, Post, Step
from hwgen.quantized.ops.multiply import QuantizedMultiply


def lower(op: QuantizedMultiply, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    channels, positions = (*op.shape, 1)[:2]
    alike = len(set(op.shapes)) == 1 and all(operand.whole for operand in operands)
    if alike:
        numbers = channels * positions
        channels = at_once(channels, positions, array, rows=2)
        positions, operands = numbers // channels, tuple(each.cut(channels) for each in operands)
    factors = [(operand, 0) for operand in operands]
    reads, taps = paired(array, channels, factors)
    zeros = np.zeros(2 * channels, dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=taps,
        bias=zeros,
        positions=positions,
        post=Post(0, op.operand, zeros, pairs=Pairs(op.shift, op.out)),
        accumulator=(min(op.operand.min, 0), op.operand.max),
        weight_bits=WEIGHT_OF_ONE,
    )
