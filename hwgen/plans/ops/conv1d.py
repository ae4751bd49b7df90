"""A convolution as a step of the MAC array: a row of taps that moves over positions.

Dilation, groups and padding are where taps lie. What is added to its sums (a residual) is read like
another input, each filter's own channel with a weight of a power of two.
"""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.plans.taps import OwnTaps, Taps
from hwgen.quantized.ops.conv1d import LEFT_OUT, QuantizedConv1d


def lower(op: QuantizedConv1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    source, *skips = operands
    filters, each, kernel = op.weight.shape
    weight, met = op.weight, None
    if op.groups > 1:
        group = np.arange(filters) // (filters // op.groups)
        met = np.arange(source.channels) // each == group[:, np.newaxis]
        weight = np.zeros((filters, source.channels, kernel), dtype=np.int64)
        weight[met] = op.weight.reshape(-1, kernel)
    reads = source.reads(array, stride=op.stride, before=op.padding, shift=op.up)
    taps: Taps | OwnTaps = source.taps(weight, np.arange(kernel) * op.dilation, met)
    bits = op.weight_bits
    for skip in skips:
        assert op.skip_shift is not None
        added, own, needed = skip.added(array, op.skip_shift, op.skip_shift != LEFT_OUT)
        reads += added
        taps = taps.beside(own)
        bits = max(bits, needed)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=taps,
        bias=op.bias,
        positions=op.positions,
        post=Post(op.shift, op.out, np.zeros(filters, dtype=np.int64), even=op.even),
        accumulator=op.accumulator,
        weight_bits=bits,
        products=op.positions * op.weight.size,
    )
