"""A convolution with hardware of its own: the first of a row."""

from __future__ import annotations

from dataclasses import replace

from hwgen.plans.unrolled.row import Row
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def follow(row: Row, op: QuantizedConv1d) -> Row | None:
    """Return the row that begins with `op`.

    None behind others, if it has groups, if something is added to it, if halves go to the even
    integer, or if outputs see nothing but padding.
    """
    if row != Row() or op.groups != 1 or op.skip_shift is not None or op.even:
        return None
    if max(op.sides) >= op.reach:
        return None
    return replace(row, conv=op)
