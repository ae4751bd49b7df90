"""A sum of values as a step of the MAC array: each channel's own value of every input."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Read, Step
from hwgen.plans.taps import OwnTaps, Taps
from hwgen.quantized.ops.add import QuantizedAdd


def lower(op: QuantizedAdd, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    reads: tuple[Read, ...] = ()
    taps: Taps | OwnTaps | None = None
    bits = 0
    for operand, up in zip(operands, op.up, strict=True):
        added, own, needed = operand.added(array, up)
        reads += added
        taps = own if taps is None else taps.beside(own)
        bits = max(bits, needed)
    assert taps is not None
    zeros = np.zeros(op.shape[0], dtype=np.int64)
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=reads,
        taps=taps,
        bias=zeros,
        positions=max(operand.positions for operand in operands),
        post=Post(op.shift, op.out, zeros, even=op.even),
        accumulator=op.accumulator,
        weight_bits=bits,
    )
