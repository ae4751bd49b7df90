"""Max-pooling: the end of the step before it, or a step of its own over single values."""

from __future__ import annotations

import numpy as np

from hwgen.network import pooling
from hwgen.plans.operand import WEIGHT_OF_ONE, Operand
from hwgen.plans.step import Array, Post, Step
from hwgen.plans.taps import OwnTaps
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


def fuse(before: Step, op: QuantizedMaxPool1d) -> Step | None:
    """Return `before` with the pooling behind it; None where that has another end already."""
    stride = pooling.stride(op)
    # What groups share would be computed for each of them: a step of its own is less work.
    if before.pool != 1 or before.positions == 1 or any(pooling.sides(op)) or stride < op.size:
        return None
    # Of products the first factors take turns with the second ones: no two positions' beside.
    if before.post.pairs:
        return None
    # A step may give several of the layer's positions as if they were channels.
    if before.outputs != op.channels:
        return None
    return before.pooled(op.size, stride, op.name)


def lower(op: QuantizedMaxPool1d, operands: tuple[Operand, ...], array: Array) -> Step:
    """Return a step that takes every value as it is, and keeps the largest of each group."""
    (source,) = operands
    beside = _beside(op, array)
    stride = pooling.stride(op)
    # What is beyond a value reads as 0: where others may be less, it must not count.
    left, right = pooling.sides(op)
    lowest = left + right and op.out.min < 0
    counted = (left, left + op.length) if lowest else None
    ones = np.ones(beside * op.channels, dtype=np.int64)
    every = Step(
        name=op.name,
        writes=op.name,
        array=array,
        reads=source.reads(array, stride=1, before=left),
        taps=_taps(source, beside, stride),
        bias=0 * ones,
        positions=op.length + left + right,
        post=Post(0, op.out, 0 * ones, counted=counted),
        accumulator=(min(op.out.min, 0), op.out.max),
        weight_bits=WEIGHT_OF_ONE,
    )
    return every.pooled(op.size, beside * stride, op.name)


def _beside(op: QuantizedMaxPool1d, array: Array) -> int:
    """Return how many groups are done at once: rows that few channels leave free do others'.

    They are outputs beside each other, as if they were channels; where they lie in memory is the
    same. A group that reaches beyond the value is by itself.
    """
    groups = op.output.shape[1]
    most = 1 if any(pooling.sides(op)) else max(1, array.rows // op.channels)
    return max(count for count in range(1, most + 1) if groups % count == 0)


def _taps(source: Operand, beside: int, stride: int) -> OwnTaps:
    """Return the taps of outputs that see their own channel at the beginning of their group."""
    ones = np.ones(source.channels, dtype=np.int64)
    found = []
    for group in range(beside):
        own = source.own_channel(ones, np.array([group * stride]))
        found.append((own.read, own.element, own.owner + group * source.channels, own.value))
    return OwnTaps.joined(found, beside * source.channels)
