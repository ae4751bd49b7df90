"""Back through a GRU, from its last position to its first."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.gru import Gru
from hwgen.network.recurrent import in_order, sigmoid


def back(op: Gru, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    (x,) = xs
    found, state = np.zeros(x.shape), np.zeros((len(x), op.units))
    order = in_order(x.shape[2], backwards=op.backwards)
    starts = dict(zip(order[1:], order, strict=False))
    for t in reversed(order):
        before = y[:, :, starts[t]] if t in starts else np.zeros((len(x), op.units))
        given = np.split(x[:, :, t] @ op.weight_input.T + op.bias, 3, axis=1)
        kept = np.split(before @ op.weight_hidden.T + op.bias_hidden, 3, axis=1)
        r, z = (sigmoid(given[gate] + kept[gate]) for gate in (0, 1))
        n = np.tanh(given[2] + r * kept[2])
        behind = g[:, :, t] + state
        new = behind * (1 - z) * (1 - n**2)
        reset, update = new * kept[2] * r * (1 - r), behind * (before - n) * z * (1 - z)
        found[:, :, t] = np.concatenate([reset, update, new], axis=1) @ op.weight_input
        sums = np.concatenate([reset, update, new * r], axis=1)
        state = behind * z + sums @ op.weight_hidden
    return (found,)
