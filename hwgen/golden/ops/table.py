"""Integer meaning of a table."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, shift_half_up
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.table import QuantizedTable


def accumulate(op: QuantizedTable, x: Integers) -> Integers:
    """Return the function's fine values ``(n, *shape)``."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    index = np.empty(x.shape, dtype=np.int64)
    for channel, down in enumerate(op.down.tolist()):
        index[:, channel] = shift_half_up(x[:, channel], down)
    return op.values[index - op.source.min]


def rounded(op: QuantizedTable, sums: Integers) -> Integers:
    """Return ``(n, *shape)`` in the output's format."""
    return requantize(sums, op.shift, op.out)
