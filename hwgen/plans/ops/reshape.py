"""Other channels and positions are read where they lie, for memory has one order of numbers.

What lies in several places, or is to be brought to one step, is taken out by a step.
"""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand, Part
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.reshape import QuantizedReshape


def join(op: QuantizedReshape, operands: tuple[Operand, ...]) -> Operand | None:
    """Return the operand cut anew; None where it is not all of one value, as it is."""
    (source,) = operands
    if not source.whole or op.down.any():
        return None
    return Operand((Part(source.parts[0].value, op.channels),), op.output.shape[1])


def lower(op: QuantizedReshape, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every number, divided as its channel asks for."""
    (source,) = operands
    most = int(op.down.max())
    factor = 1 << (most - op.down)
    zeros = np.zeros(source.channels, dtype=np.int64)
    ends = op.out.min * int(factor.max()), op.out.max * int(factor.max())
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=int(source.positions > 1)),
        taps=source.own_channel(factor),
        bias=zeros,
        positions=source.positions,
        post=Post(most, op.out, zeros),
        accumulator=(min(0, ends[0]), ends[1]),
        weight_bits=int(most - op.down.min()) + 2,
    )
