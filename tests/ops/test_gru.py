"""Gated recurrent units."""

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.ops.gru import Gru
from tests.ops.harness import Example
from tests.ops.recurrent import by_torch, layer, looked_up, rounded, total

EXAMPLES = {
    "forwards": Example(layer(Gru, 3, 2), ((2, 7),)),
    "backwards": Example(layer(Gru, 4, 3, backwards=True), ((3, 6),)),
    "small weights": Example(layer(Gru, 2, 5, 0.01), ((5, 2),)),
}
REFUSED = (((3, 7),), ((2,),))


def torch_of(layer, x):
    return by_torch(torch.nn.GRU, layer, layer.bias_hidden, x)


def loops_of(op, x):
    inside, units = op.formats, op.units
    sigmoid, tanh = op.tables
    y = np.zeros((units, op.length), dtype=object)
    h = [0] * units
    for t in sorted(range(op.length), reverse=op.backwards):
        given, new = [row[t] for row in x], []
        for u in range(units):
            sums = (total(op.opened, number * units + u, given, h) for number in range(2))
            r, z = (looked_up(each, op.opened.octave, inside, sigmoid) for each in sums)
            kept = rounded(total(op.kept, u, given, h), op.kept.octave - op.width, inside.state)
            reset = rounded(r * kept, op.width, inside.state)
            whole = total(op.given, u, given, h) + (reset << op.given.octave - op.width)
            n = looked_up(whole, op.given.octave, inside, tanh)
            moved = rounded(z * (h[u] - n), op.width, inside.difference)
            new.append(min(max(n + moved, inside.shown.min), inside.shown.max))
        h = new
        y[:, t] = h
    return y


@pytest.mark.parametrize("rows", [8, 10])
def test_rows_that_do_not_fit(rows):
    with pytest.raises(InputError, match=r"^gru must have 3 rows of weights and biases for each"):
        Gru("gru", np.zeros((9, 2)), np.zeros((9, 3)), np.zeros(9), np.zeros(rows))
