"""Long short-term memories."""

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.ops.lstm import Lstm
from tests.ops.harness import Example


def layer(units: int, channels: int, gain: float = 0.6, **fields) -> Lstm:
    rng = np.random.default_rng(units)
    return Lstm(
        "lstm",
        rng.normal(0, gain, (4 * units, channels)),
        rng.normal(0, 0.6, (4 * units, units)),
        rng.normal(0, 0.3, 4 * units),
        **fields,
    )


EXAMPLES = {
    "forwards": Example(layer(3, 2), ((2, 7),)),
    "backwards": Example(layer(4, 3, backwards=True), ((3, 6),)),
    "small weights": Example(layer(2, 5, 0.01), ((5, 2),)),
}
REFUSED = (((3, 7),), ((2,),))


def torch_of(layer, x):
    module = torch.nn.LSTM(layer.weight_input.shape[1], layer.units, batch_first=True).double()
    state = {"weight_ih_l0": layer.weight_input, "weight_hh_l0": layer.weight_hidden,
             "bias_ih_l0": layer.bias, "bias_hh_l0": 0 * layer.bias}  # fmt: skip
    module.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()})
    x = x.transpose(1, 2)
    with torch.no_grad():
        y = module(x.flip(1))[0].flip(1) if layer.backwards else module(x)[0]
    return y.transpose(1, 2)


def loops_of(op, x):
    def rounded(value, shift, fmt):
        value = (value + (1 << shift >> 1)) >> shift
        return min(max(value, fmt.min), fmt.max)

    def gate(rows, row, table):
        total = int(rows.bias[row])
        total += sum(int(w) * value[t] << rows.up_input
                     for w, value in zip(rows.weight_input[row], x, strict=True))  # fmt: skip
        total += sum(int(w) * value << rows.up_hidden
                     for w, value in zip(rows.weight_hidden[row], h, strict=True))  # fmt: skip
        place = rounded(total, rows.octave - inside.gate_octave, inside.gate)
        return int(table[place - inside.gate.min])

    inside, units = op.formats, op.units
    sigmoid, tanh = op.tables
    y = np.zeros((units, op.length), dtype=object)
    h, c = [0] * units, [0] * units
    for t in sorted(range(op.length), reverse=op.backwards):
        new = []
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
