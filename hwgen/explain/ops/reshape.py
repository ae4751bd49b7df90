"""Back through numbers that were cut anew: they are put back in their order."""

from __future__ import annotations

from hwgen.network import Floats
from hwgen.network.ops.reshape import Reshape


def back(op: Reshape, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del op, y
    (x,) = xs
    flat = g.swapaxes(1, 2).reshape(len(x), -1)
    return (flat if x.ndim == 2 else flat.reshape(len(x), x.shape[2], -1).swapaxes(1, 2),)
