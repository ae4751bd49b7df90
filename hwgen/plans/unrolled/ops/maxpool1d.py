"""A pooling with hardware of its own: behind a convolution."""

from __future__ import annotations

from dataclasses import replace

from hwgen.errors import CannotMeetError
from hwgen.network import pooling
from hwgen.plans.unrolled.row import Row
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


def follow(row: Row, op: QuantizedMaxPool1d) -> Row | None:
    """Return the row with the pooling behind its convolution; None behind anything else.

    Raises
    ------
    CannotMeetError
        If its groups share positions, leave some out, or are padded.
    """
    if row.conv is None or row.pool is not None or row.last is not None:
        return None
    padding = max(pooling.sides(op))
    if pooling.stride(op) != op.size or padding:
        raise CannotMeetError(
            f"{op.name} cannot be unrolled: stride must be size ({op.size}) and padding 0, not "
            f"{pooling.stride(op)} and {padding}; ask for a MAC array with --parallel"
        )
    return replace(row, pool=op.size)
