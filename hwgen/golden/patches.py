"""What the taps of a convolution meet."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.network.convolution import Convolution


def patches(op: Convolution, x: Integers) -> Integers:
    """Return ``(n, positions, channels, kernel)`` of ``(n, channels, length)``, padded by zeros."""
    padded = np.pad(x, ((0, 0), (0, 0), op.sides))
    every = np.lib.stride_tricks.sliding_window_view(padded, op.reach, axis=2)
    return every[:, :, :: op.stride, :: op.dilation].transpose(0, 2, 1, 3)
