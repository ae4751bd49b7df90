"""Adaptive average-pooling as a step of the MAC array: sums of groups that differ in size.

Groups repeat after ``length / gcd(length, positions)`` positions. Those of one such stretch are
outputs beside each other, as if they were channels; where they lie in memory is the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import MAX_ELEMENTS
from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.adaptiveavgpool1d import QuantizedAdaptiveAvgPool1d


def lower(op: QuantizedAdaptiveAvgPool1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`.

    Raises
    ------
    InputError
        If no stretch repeats that is short enough to be told tap by tap.
    """
    (source,) = operands
    stretches = math.gcd(op.length, op.positions)
    groups = op.groups[: op.positions // stretches]
    places = groups[-1][0].stop
    if (size := len(groups) * op.channels**2 * places) > MAX_ELEMENTS:
        raise InputError(
            f"{op.name} must have at most {MAX_ELEMENTS:,} places that an output may see on chip, "
            f"not {size:,}; average to a number that has a larger divisor in common with the "
            f"length ({op.length})"
        )
    # [group, channel] sees [channel, place].
    factor = np.zeros((len(groups), 1, 1, places), dtype=np.int64)
    for number, (group, weight) in enumerate(groups):
        factor[number, ..., group.start : group.stop] = weight
    own = np.eye(op.channels, dtype=np.int64)[np.newaxis, :, :, np.newaxis]
    weights = (own * factor).reshape(-1, op.channels, places)
    taps = source.taps(weights, np.arange(places))
    zeros = np.zeros(len(weights), dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=op.length // stretches if stretches > 1 else 0),
        taps=replace(taps, met=taps.weight != 0),
        bias=zeros,
        positions=stretches,
        post=Post(op.shift, op.out, zeros),
        accumulator=op.accumulator,
        weight_bits=max(op.weights).bit_length() + 1,
    )
