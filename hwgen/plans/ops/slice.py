"""Some channels are read where they lie; some positions are taken out by a step.

Beyond the first and the last of some positions others lie, not zeros: whoever pads would read
them.
"""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import WEIGHT_OF_ONE, Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.slice import QuantizedSlice


def join(op: QuantizedSlice, operands: tuple[Operand, ...]) -> Operand | None:
    """Return the operand of the channels; None where positions are taken."""
    (source,) = operands
    return source.channels_from(op.begin, op.count) if op.axis == "channels" else None


def lower(op: QuantizedSlice, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every number of some positions as it is."""
    (source,) = operands
    zeros = np.zeros(source.channels, dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=1 if op.count > 1 else 0, before=-op.begin),
        taps=source.own_channel(zeros + 1),
        bias=zeros,
        positions=op.count,
        post=Post(0, op.out, zeros),
        accumulator=(min(op.out.min, 0), op.out.max),
        weight_bits=WEIGHT_OF_ONE,
    )
