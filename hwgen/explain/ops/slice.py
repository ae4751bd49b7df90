"""Back through a slice: what was left out has no say."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.slice import Slice


def back(op: Slice, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    found = np.zeros(xs[0].shape)
    found[op.along()] = g
    return (found,)
