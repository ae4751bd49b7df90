"""Back through a dense layer."""

from __future__ import annotations

from hwgen.network import Floats
from hwgen.network.ops.dense import Dense


def back(op: Dense, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    return ((g @ op.weight).reshape(xs[0].shape),)
