"""A dense layer as a step of the MAC array: one position that sees the whole row."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.dense import QuantizedDense


def lower(op: QuantizedDense, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    (source,) = operands
    # The weights' order is channel by channel; memory's is position by position.
    weight = op.weight.reshape(len(op.weight), source.channels, source.positions)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array),
        taps=source.taps(weight, np.arange(source.positions)),
        bias=op.bias,
        positions=1,
        post=Post(op.shift, None if op.last else op.out, op.align, even=op.even),
        accumulator=op.accumulator,
        weight_bits=op.weight_bits,
        products=op.weight.size,
    )
