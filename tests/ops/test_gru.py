"""Gated recurrent units."""

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.ops.gru import Gru
from tests.ops.harness import Example


def layer(units: int, channels: int, gain: float = 0.6, **fields) -> Gru:
    rng = np.random.default_rng(units)
    return Gru(
        "gru",
        rng.normal(0, gain, (3 * units, channels)),
        rng.normal(0, 0.6, (3 * units, units)),
        rng.normal(0, 0.3, 3 * units),
        rng.normal(0, 0.3, 3 * units),
        **fields,
    )


EXAMPLES = {
    "forwards": Example(layer(3, 2), ((2, 7),)),
    "backwards": Example(layer(4, 3, backwards=True), ((3, 6),)),
    "small weights": Example(layer(2, 5, 0.01), ((5, 2),)),
}
REFUSED = (((3, 7),), ((2,),))


def torch_of(layer, x):
    module = torch.nn.GRU(layer.weight_input.shape[1], layer.units, batch_first=True).double()
    state = {"weight_ih_l0": layer.weight_input, "weight_hh_l0": layer.weight_hidden,
             "bias_ih_l0": layer.bias, "bias_hh_l0": layer.bias_hidden}  # fmt: skip
    module.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()})
    x = x.transpose(1, 2)
    with torch.no_grad():
        y = module(x.flip(1))[0].flip(1) if layer.backwards else module(x)[0]
    return y.transpose(1, 2)


def loops_of(op, x):
    def rounded(value, shift, fmt):
        value = (value + (1 << shift >> 1)) >> shift
        return min(max(value, fmt.min), fmt.max)

    def total(rows, row):
        found = int(rows.bias[row])
        found += sum(int(w) * value[t] << rows.up_input
                     for w, value in zip(rows.weight_input[row], x, strict=True))  # fmt: skip
        found += sum(int(w) * value << rows.up_hidden
                     for w, value in zip(rows.weight_hidden[row], h, strict=True))  # fmt: skip
        return found

    def looked_up(value, octave, table):
        place = rounded(value, octave - inside.gate_octave, inside.gate)
        return int(table[place - inside.gate.min])

    inside, units = op.formats, op.units
    sigmoid, tanh = op.tables
    y = np.zeros((units, op.length), dtype=object)
    h = [0] * units
    for t in sorted(range(op.length), reverse=op.backwards):
        new = []
        for u in range(units):
            r, z = (looked_up(total(op.opened, number * units + u), op.opened.octave, sigmoid)
                    for number in range(2))  # fmt: skip
            kept = rounded(total(op.kept, u), op.kept.octave - op.width, inside.state)
            reset = rounded(r * kept, op.width, inside.state)
            whole = total(op.given, u) + (reset << op.given.octave - op.width)
            n = looked_up(whole, op.given.octave, tanh)
            moved = rounded(z * (h[u] - n), op.width, inside.difference)
            new.append(min(max(n + moved, inside.shown.min), inside.shown.max))
        h = new
        y[:, t] = h
    return y


@pytest.mark.parametrize("rows", [8, 10])
def test_rows_that_do_not_fit(rows):
    with pytest.raises(InputError, match=r"^gru must have 3 rows of weights and biases for each"):
        Gru("gru", np.zeros((9, 2)), np.zeros((9, 3)), np.zeros(9), np.zeros(rows))
