"""Integer meaning of a score."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.quantized.ops.score import QuantizedScore


def accumulate(op: QuantizedScore, x: Integers) -> Integers:
    """Return ``(n, 2)``: the threshold, and the sum of squares without its lowest bits."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    flat = x.reshape(len(x), -1).astype(np.int64)
    sums = np.square(flat).sum(axis=1) >> op.drop
    return np.stack([np.full(len(x), op.threshold, dtype=np.int64), sums], axis=1)


def rounded(op: QuantizedScore, sums: Integers) -> Integers:
    """Return the logits as they are."""
    del op
    return sums
