"""A product of two values as a step: sums are single values, and leave in pairs that meet."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import WEIGHT_OF_ONE, Operand
from hwgen.plans.step import Array, Pairs, Post, Read, Step
from hwgen.plans.taps import OwnTaps
from hwgen.quantized.ops.multiply import QuantizedMultiply


def lower(op: QuantizedMultiply, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    shape = op.shape
    channels, positions = shape[0], shape[1] if len(shape) == 2 else 1
    # What leaves together is followed by what it is multiplied by.
    places = np.arange(channels)
    first = places // array.drain * 2 * array.drain + places % array.drain
    reads: tuple[Read, ...] = ()
    found = []
    for number, operand in enumerate(operands):
        own = operand.own_channel(np.ones(operand.channels, dtype=np.int64))
        # The one channel of an input goes with all of the other's.
        which = places if operand.channels == channels else np.zeros_like(places)
        found.append(
            (
                own.read[which] + len(reads),
                own.element[which],
                first + number * array.drain,
                own.value[which],
            )
        )
        reads += operand.reads(array, stride=int(operand.positions > 1))
    zeros = np.zeros(2 * channels, dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=OwnTaps.joined(found, 2 * channels),
        bias=zeros,
        positions=positions,
        post=Post(0, op.operand, zeros, pairs=Pairs(op.shift, op.out)),
        accumulator=(min(op.operand.min, 0), op.operand.max),
        weight_bits=WEIGHT_OF_ONE,
    )
