"""Back through a sum: to each as it is, added up where one number went with several."""

from __future__ import annotations

from hwgen.network import Floats
from hwgen.network.ops.add import Add


def back(op: Add, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del op, y
    return tuple(summed(g, x) for x in xs)


def summed(g: Floats, x: Floats) -> Floats:
    """Return `g` in the shape of `x`, which was spread over more channels or positions."""
    spread = (*x.shape, 1) if x.ndim < g.ndim else x.shape
    axes = tuple(axis for axis, size in enumerate(spread) if size < g.shape[axis])
    return g.sum(axis=axes, keepdims=True).reshape(x.shape)
