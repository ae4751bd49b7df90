"""Integer meaning of values side by side."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.quantized.ops.concat import QuantizedConcat


def accumulate(op: QuantizedConcat, *xs: Integers) -> Integers:
    """Return the channels of all, ``(n, channels, length)`` or ``(n, numbers)``."""
    result: Integers = np.concatenate(xs, axis=1)
    check_range(f"{op.name} output", result, op.out.min, op.out.max)
    return result


def rounded(op: QuantizedConcat, sums: Integers) -> Integers:
    """Return the values as they are."""
    del op
    return sums
