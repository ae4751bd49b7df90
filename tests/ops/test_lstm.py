"""Long short-term memories."""

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.ops.lstm import Lstm
from tests.ops.harness import Example
from tests.ops.recurrent import by_torch, layer, looked_up, rounded, total

EXAMPLES = {
    "forwards": Example(layer(Lstm, 3, 2), ((2, 7),)),
    "backwards": Example(layer(Lstm, 4, 3, backwards=True), ((3, 6),)),
    "small weights": Example(layer(Lstm, 2, 5, 0.01), ((5, 2),)),
}
REFUSED = (((3, 7),), ((2,),))


def torch_of(layer, x):
    return by_torch(torch.nn.LSTM, layer, 0 * layer.bias, x)


def loops_of(op, x):
    inside, units = op.formats, op.units
    sigmoid, tanh = op.tables
    y = np.zeros((units, op.length), dtype=object)
    h, c = [0] * units, [0] * units
    for t in sorted(range(op.length), reverse=op.backwards):
        given, new = [row[t] for row in x], []

        def gate(rows, row, table, given=given, kept=h):
            return looked_up(total(rows, row, given, kept), rows.octave, inside, table)

        for u in range(units):
            i, f, o = (gate(op.opened, number * units + u, sigmoid) for number in range(3))
            g = gate(op.proposed, u, tanh)
            kept = rounded(f * c[u], op.width, inside.state)
            taken = rounded(i * g, op.width - 1, inside.state)
            c[u] = min(max(kept + taken, inside.state.min), inside.state.max)
            shown = tanh[rounded(c[u], inside.state_down, inside.gate) - inside.gate.min]
            new.append(rounded(o * int(shown), op.width, inside.shown))
        h = new
        y[:, t] = h
    return y


@pytest.mark.parametrize("rows", [11, 13])
def test_rows_that_do_not_fit(rows):
    with pytest.raises(InputError, match=r"^lstm must have 4 rows of weights and biases for each"):
        Lstm("lstm", np.zeros((rows, 2)), np.zeros((12, 3)), np.zeros(12))
