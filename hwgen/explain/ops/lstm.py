"""Back through an LSTM, from its last position to its first."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.lstm import Lstm
from hwgen.network.recurrent import in_order, sigmoid


def back(op: Lstm, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    (x,) = xs
    order = in_order(x.shape[2], backwards=op.backwards)
    steps = _forward(op, x, y, order)
    found = np.zeros(x.shape)
    state = cell = np.zeros((len(x), op.units))
    for t, (i, f, new, o, before, now) in zip(reversed(order), reversed(steps), strict=True):
        behind = g[:, :, t] + state
        end = np.tanh(now)
        cell = cell + behind * o * (1 - end**2)
        sums = np.concatenate(
            [
                cell * new * i * (1 - i),
                cell * before * f * (1 - f),
                cell * i * (1 - new**2),
                behind * end * o * (1 - o),
            ],
            axis=1,
        )
        found[:, :, t] = sums @ op.weight_input
        state, cell = sums @ op.weight_hidden, cell * f
    return (found,)


def _forward(op: Lstm, x: Floats, y: Floats, order: range) -> list[tuple[Floats, ...]]:
    """Return gates i, f, g, o, and the cell before and after, of each position in order."""
    h = c = np.zeros((len(x), op.units))
    steps: list[tuple[Floats, ...]] = []
    for t in order:
        sums = x[:, :, t] @ op.weight_input.T + h @ op.weight_hidden.T + op.bias
        i, f, new, o = np.split(sums, 4, axis=1)
        gates = sigmoid(i), sigmoid(f), np.tanh(new), sigmoid(o)
        after = gates[1] * c + gates[0] * gates[2]
        steps.append((*gates, c, after))
        h, c = y[:, :, t], after
    return steps
