"""Back through a convolution: every tap to where it came from."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.conv1d import Conv1d


def back(op: Conv1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    found = transposed(op, g, xs[0].shape[2])
    return (found, *(g for _ in xs[1:]))


def transposed(op: Conv1d, g: Floats, length: int) -> Floats:
    """Return ``(n, channels, length)`` of `g`, ``(n, filters, positions)``."""
    left, right = op.sides
    channels = op.weight.shape[1] * op.groups
    found = np.zeros((len(g), channels, left + length + right))
    behind = g.reshape(len(g), op.groups, -1, g.shape[2])
    weight = op.weight.reshape(op.groups, -1, *op.weight.shape[1:])
    for tap in range(op.weight.shape[2]):
        part = np.einsum("ngfp,gfc->ngcp", behind, weight[..., tap], optimize=True)
        begin = tap * op.dilation
        places = slice(begin, begin + op.stride * (g.shape[2] - 1) + 1, op.stride)
        found[:, :, places] += part.reshape(len(g), channels, -1)
    return found[:, :, left : left + length]
