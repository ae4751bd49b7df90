"""Integer meaning of other channels and positions."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, shift_half_up
from hwgen.network.ops.reshape import reshaped
from hwgen.quantized.ops.reshape import QuantizedReshape


def accumulate(op: QuantizedReshape, x: Integers) -> Integers:
    """Return ``(n, channels, positions)``."""
    check_range(f"{op.name} input", x, op.out.min, op.out.max)
    even = np.empty_like(x)
    for channel, down in enumerate(op.down.tolist()):
        even[:, channel] = shift_half_up(x[:, channel], down)
    return reshaped(even, op.channels)


def rounded(op: QuantizedReshape, sums: Integers) -> Integers:
    """Return the values as they are."""
    del op
    return sums
