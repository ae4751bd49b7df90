"""Back through a product of two convolutions: each weighs the other's derivative."""

from __future__ import annotations

from hwgen.explain.ops.conv1d import transposed
from hwgen.network import Floats
from hwgen.network.ops.bilinear1d import Bilinear1d


def back(op: Bilinear1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    (x,) = xs
    seen = x.reshape(len(x), *(x.shape[1:] if x.ndim == 3 else (x.shape[1], 1)))
    behind = g.reshape(*g.shape[:2], -1)
    one, other = op.halves
    found = transposed(one, behind * other.apply(seen), seen.shape[2])
    found = found + transposed(other, behind * one.apply(seen), seen.shape[2])
    return (found.reshape(x.shape),)
