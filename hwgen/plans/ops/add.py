"""A sum of values as a step of the MAC array: each channel's own value of every input."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand, at_once
from hwgen.plans.step import Array, Post, Read, Step
from hwgen.plans.taps import OwnTaps, Taps
from hwgen.quantized.ops.add import QuantizedAdd


def lower(op: QuantizedAdd, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return the step for `op` on an array of shape `array`."""
    ups = op.up
    if all(operand.whole for operand in operands) and (op.up == op.up[:, :1]).all():
        one = operands[0]
        if all((each.channels, each.positions) == (one.channels, one.positions)
               for each in operands):  # fmt: skip
            channels = at_once(one.channels, one.positions, array)
            operands = tuple(each.cut(channels) for each in operands)
            ups = np.repeat(op.up[:, :1], channels, axis=1)
    reads: tuple[Read, ...] = ()
    taps: Taps | OwnTaps | None = None
    bits = 0
    for operand, up in zip(operands, ups, strict=True):
        added, own, needed = operand.added(array, up)
        reads += added
        taps = own if taps is None else taps.beside(own)
        bits = max(bits, needed)
    assert taps is not None
    zeros = np.zeros(ups.shape[1], dtype=np.int64)
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
