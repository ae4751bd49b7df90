"""Adaptive average-pooling as a step of the MAC array: sums of groups that differ in size.

Groups repeat after ``length / gcd(length, positions)`` positions. Those of one such stretch are
outputs beside each other, as if they were channels; where they lie in memory is the same.
"""

from __future__ import annotations

import math

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.plans.taps import OwnTaps
from hwgen.quantized.ops.adaptiveavgpool1d import QuantizedAdaptiveAvgPool1d


def lower(op: QuantizedAdaptiveAvgPool1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    (source,) = operands
    stretches = math.gcd(op.length, op.positions)
    groups = op.groups[: op.positions // stretches]
    # Output [group, channel] sees its own channel of the group's positions.
    found = []
    for number, (group, weight) in enumerate(groups):
        own = source.own_channel(np.full(op.channels, weight), np.array(group))
        found.append((own.read, own.element, own.owner + number * op.channels, own.value))
    outputs = len(groups) * op.channels
    zeros = np.zeros(outputs, dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=op.length // stretches if stretches > 1 else 0),
        taps=OwnTaps.joined(found, outputs),
        bias=zeros,
        positions=stretches,
        post=Post(op.shift, op.out, zeros),
        accumulator=op.accumulator,
        weight_bits=max(op.weights).bit_length() + 1,
    )
