"""A convolution as a step of the MAC array: a row of taps that moves over positions."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def lower(op: QuantizedConv1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    (source,) = operands
    filters, _, kernel = op.weight.shape
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=op.stride, before=op.padding),
        taps=source.taps(op.weight, np.arange(kernel)),
        bias=op.bias,
        positions=op.positions,
        post=Post(op.shift, op.out, np.zeros(filters, dtype=np.int64)),
        accumulator=op.accumulator,
        weight_bits=op.weight_bits,
    )
