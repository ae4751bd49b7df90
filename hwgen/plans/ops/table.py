"""A function of each value: looked up at the end of the step before it, or in one of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.plans.operand import Operand, at_once
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.table import QuantizedTable


def fuse(before: Step, op: QuantizedTable) -> Step | None:
    """Return `before` with the table behind it; None where channels are to be shifted first."""
    post = before.post
    if op.down.any() or post.given != op.source or post.pool != 1 or post.table is not None:
        return None
    return replace(before, writes=op.name, post=replace(post, table=op.entries))


def lower(op: QuantizedTable, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every value, divided as its channel asks for, and looks it up."""
    (source,) = operands
    most = int(op.down.max())
    factor = 1 << (most - op.down)
    if source.whole:
        channels = at_once(source.channels, source.positions, array)
        # Fewer channels than there are must be alike.
        if channels >= source.channels or len(set(op.down.tolist())) == 1:
            factor = np.resize(factor, channels)
            source = source.cut(channels)
    zeros = np.zeros(len(factor), dtype=np.int64)
    ends = op.source.min * int(factor.max()), op.source.max * int(factor.max())
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=1 if source.positions > 1 else 0),
        taps=source.own_channel(factor),
        bias=zeros,
        positions=source.positions,
        post=Post(most, op.source, zeros, table=op.entries),
        accumulator=(min(0, ends[0]), ends[1]),
        weight_bits=int(most - op.down.min()) + 2,
    )
