"""A dense layer with hardware of its own: the last, which gives the logits."""

from __future__ import annotations

from dataclasses import replace

from hwgen.plans.unrolled.row import Row
from hwgen.quantized.ops.dense import QuantizedDense


def follow(row: Row, op: QuantizedDense) -> Row | None:
    """Return the row with the last layer behind its convolution; None for any other place."""
    if row.conv is None or row.last is not None or not op.last:
        return None
    return replace(row, last=op)
