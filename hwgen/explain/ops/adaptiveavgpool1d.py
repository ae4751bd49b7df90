"""Back through means over groups that may overlap."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.adaptiveavgpool1d import AdaptiveAvgPool1d
from hwgen.network.pooling import adaptive_groups


def back(op: AdaptiveAvgPool1d, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    del y
    x = xs[0]
    found = np.zeros(x.shape)
    for position, group in enumerate(adaptive_groups(x.shape[2], op.positions)):
        found[:, :, group] += g[:, :, position : position + 1] / len(group)
    return (found,)
