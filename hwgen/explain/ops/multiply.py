"""Back through a product: each weighs the other's derivative."""

from __future__ import annotations

from hwgen.explain.ops.add import summed
from hwgen.network import Floats
from hwgen.network.broadcast import beside
from hwgen.network.ops.multiply import Multiply


def back(op: Multiply, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del op, y
    first, second = beside(xs)
    return summed(g * second, xs[0]), summed(g * first, xs[1])
