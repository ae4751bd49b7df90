"""Back through a gain a channel."""

from __future__ import annotations

from hwgen.network import Floats
from hwgen.network.ops.batchnorm1d import BatchNorm1d


def back(op: BatchNorm1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del xs, y
    return (g * op.gain.reshape((-1,) + (1,) * (g.ndim - 2)),)
