"""A gated recurrent unit over positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.functions import FUNCTIONS
from hwgen.network.layer import Floats, Layer, Shape, tensor, usual


@dataclass(frozen=True, eq=False)
class Gru(Layer):
    """``h = n + z (h' - n)``; what it has before the first position is zero.

    ``r, z = sigmoid(weight_input x + bias + weight_hidden h' + bias_hidden)`` and
    ``n = tanh(weight_input x + bias + r (weight_hidden h' + bias_hidden))``, each with rows of its
    own (K. Cho et al., EMNLP 2014, with the reset behind the product, as torch has it).

    Parameters
    ----------
    weight_input, weight_hidden
        ``(3 units, channels)`` and ``(3 units, units)``: rows of r, z, n, as torch has them.
    bias, bias_hidden
        ``(3 units,)`` each.
    backwards
        Whether it goes from the last position to the first.
    """

    op: ClassVar[str] = "gru"
    gates: ClassVar[int] = 3
    weight_input: Floats
    weight_hidden: Floats
    bias: Floats
    bias_hidden: Floats
    backwards: bool = usual(False)

    def __post_init__(self) -> None:
        fields = {"weight_input": 2, "weight_hidden": 2, "bias": 1, "bias_hidden": 1}
        for name, dims in fields.items():
            value = tensor(f"{self.name} {name}", getattr(self, name), dims)
            object.__setattr__(self, name, value)
        units = self.weight_hidden.shape[1]
        rows = [len(getattr(self, name)) for name in fields]
        if set(rows) != {self.gates * units}:
            raise InputError(
                f"{self.name} must have {self.gates} rows of weights and biases for each of its "
                f"{units} units, not {rows}"
            )

    @property
    def units(self) -> int:
        """Numbers of its state."""
        return self.weight_hidden.shape[1]

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (units, length)``."""
        channels = self.weight_input.shape[1]
        if len(shape) != 2 or shape[0] != channels:
            raise InputError(f"{self.name} takes ({channels}, length) values, not {shape}")
        return (self.units, shape[1])

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, units, length)``."""
        y = np.zeros((len(x), *self.output_shape(x.shape[1:])))
        h = np.zeros((len(x), self.units))
        order = range(x.shape[2])
        for t in order[::-1] if self.backwards else order:
            given = np.split(x[:, :, t] @ self.weight_input.T + self.bias, 3, axis=1)
            kept = np.split(h @ self.weight_hidden.T + self.bias_hidden, 3, axis=1)
            r, z = (_sigmoid(given[gate] + kept[gate]) for gate in (0, 1))
            n = np.tanh(given[2] + r * kept[2])
            h = y[:, :, t] = n + z * (h - n)
        return y


def _sigmoid(x: Floats) -> Floats:
    return FUNCTIONS["sigmoid"](x, 0.0)


LAYER = Gru
