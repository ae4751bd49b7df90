"""Max-pooling: the end of the step before it, or a step of its own over single values."""

from __future__ import annotations

import numpy as np

from hwgen.plans.operand import Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d

_WEIGHT_BITS = 2
"""Of a weight of 1, signed."""


def fuse(before: Step, op: QuantizedMaxPool1d) -> Step | None:
    """Return `before` with the pooling behind it; None where that has another end already."""
    if before.pool != 1 or before.positions == 1 or before.post.table is not None:
        return None
    return before.pooled(op.size, op.name)


def lower(op: QuantizedMaxPool1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every value as it is, and keeps the largest of each group."""
    (source,) = operands
    ones = np.ones(op.channels, dtype=np.int64)
    whole = op.length // op.size * op.size
    return Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=1),
        taps=source.own_channel(ones),
        bias=0 * ones,
        positions=whole,
        post=Post(0, op.out, 0 * ones, pool=op.size),
        accumulator=(min(op.out.min, 0), op.out.max),
        weight_bits=_WEIGHT_BITS,
    )
