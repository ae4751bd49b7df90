"""Back through means over groups: each value of a group gets its share."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats, pooling
from hwgen.network.ops.avgpool1d import AvgPool1d


def back(op: AvgPool1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    (x,) = xs
    left, right = pooling.sides(op)
    found = np.zeros((*x.shape[:2], left + x.shape[2] + right))
    step = pooling.stride(op)
    for place in range(op.size):
        found[:, :, place : place + step * (g.shape[2] - 1) + 1 : step] += g / op.size
    return (found[:, :, left : left + x.shape[2]],)
