"""Back through a maximum: to the first of the largest values of a group."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats, pooling
from hwgen.network.ops.maxpool1d import MaxPool1d


def back(op: MaxPool1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    (x,) = xs
    left, right = pooling.sides(op)
    found = np.zeros((*x.shape[:2], left + x.shape[2] + right))
    first = np.arange(g.shape[2]) * pooling.stride(op)
    largest = first + pooling.groups(op, x, -np.inf).argmax(axis=3)
    window, channel, _ = np.indices(g.shape)
    np.add.at(found, (window, channel, largest), g)
    return (found[:, :, left : left + x.shape[2]],)
