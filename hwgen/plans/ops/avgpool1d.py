"""Average-pooling as a step of the MAC array: the sum of some positions of each channel."""

from __future__ import annotations

import numpy as np

from hwgen.network import pooling
from hwgen.plans.operand import WEIGHT_OF_ONE, Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d


def lower(op: QuantizedAvgPool1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    (source,) = operands
    ones = np.ones(op.channels, dtype=np.int64)
    positions = op.output.shape[1]
    stride = pooling.stride(op)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=stride if positions > 1 else 0, before=op.padding),
        taps=source.own_channel(ones, np.arange(op.size)),
        bias=0 * ones,
        positions=positions,
        post=Post(op.shift, op.out, 0 * ones),
        accumulator=op.accumulator,
        weight_bits=WEIGHT_OF_ONE,
    )
