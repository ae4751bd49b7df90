"""What the tests of recurrent layers have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from hwgen.network.recurrent import Recurrent


def layer(kind: type[Recurrent], units: int, channels: int, gain: float = 0.6, **fields) -> Any:
    """Return a layer of random weights, the same for the same sizes."""
    rng = np.random.default_rng(units)
    rows, biases = kind.gates * units, [name for name in kind.__annotations__ if "bias" in name]
    return kind(
        kind.op,
        rng.normal(0, gain, (rows, channels)),
        rng.normal(0, 0.6, (rows, units)),
        rng.normal(0, 0.3, rows),
        *(rng.normal(0, 0.3, rows) for _ in biases),
        **fields,
    )


def by_torch(kind: type[torch.nn.Module], layer: Any, bias_hidden, x: torch.Tensor) -> torch.Tensor:
    """Return what a module of torch with the layer's weights gives."""
    module = kind(layer.weight_input.shape[1], layer.units, batch_first=True).double()
    state = {"weight_ih_l0": layer.weight_input, "weight_hh_l0": layer.weight_hidden,
             "bias_ih_l0": layer.bias, "bias_hh_l0": bias_hidden}  # fmt: skip
    module.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()})
    x = x.transpose(1, 2)
    with torch.no_grad():
        y = module(x.flip(1))[0].flip(1) if layer.backwards else module(x)[0]
    return y.transpose(1, 2)


def rounded(value: int, shift: int, fmt: Any) -> int:
    """Return an integer divided, halves up, within a format."""
    value = (value + (1 << shift >> 1)) >> shift
    return min(max(value, fmt.min), fmt.max)


def total(rows: Any, row: int, x: list[int], h: list[int]) -> int:
    """Return the exact sum of a row, by plain loops."""
    found = int(rows.bias[row])
    found += sum(int(w) * value << rows.up_input
                 for w, value in zip(rows.weight_input[row], x, strict=True))  # fmt: skip
    found += sum(int(w) * value << rows.up_hidden
                 for w, value in zip(rows.weight_hidden[row], h, strict=True))  # fmt: skip
    return found


def looked_up(value: int, octave: int, inside: Any, table: np.ndarray) -> int:
    """Return a function of a sum."""
    place = rounded(value, octave - inside.gate_octave, inside.gate)
    return int(table[place - inside.gate.min])
