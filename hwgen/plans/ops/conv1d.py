"""A convolution as a step of the MAC array: a row of taps that moves over positions.

Dilation, groups and padding are where taps lie. What is added to its sums (a residual) is read like
another input, each filter's own channel with a weight of a power of two.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.conv1d import QuantizedConv1d


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
    reads = source.reads(array, stride=op.stride, before=op.padding)
    taps = source.taps(weight, np.arange(kernel) * op.dilation, met)
    bits = op.weight_bits
    for skip in skips:
        assert op.skip_shift is not None
        factor, shift, needed = scaled(op.skip_shift)
        reads += skip.reads(array, stride=1, shift=shift)
        taps = taps.beside(skip.own_channel(factor))
        bits = max(bits, needed)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=taps,
        bias=op.bias,
        positions=op.positions,
        post=Post(op.shift, op.out, np.zeros(filters, dtype=np.int64)),
        accumulator=op.accumulator,
        weight_bits=bits,
        products=op.positions * op.weight.size,
    )


def scaled(up: Integers) -> tuple[Integers, int, int]:
    """Return powers of two as weights of an own channel.

    Parameters
    ----------
    up
        ``(channels,)``: by how many bits each is shifted up.

    Returns
    -------
    weights, shift, bits
        ``(channels,)`` small weights, by how much all of them count more, and the bits that the
        weights take, signed.
    """
    shift = int(up.min())
    return 1 << (up - shift), shift, int((up - shift).max()) + 2
