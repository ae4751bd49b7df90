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
    beside = at_once(channels, positions, array, rows=2) if alike else 1
    channels, positions = channels * beside, positions // beside
    factors = [(operand.beside(beside), 0) for operand in operands]
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
