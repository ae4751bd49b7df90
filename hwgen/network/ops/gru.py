"""A gated recurrent unit over positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.network.layer import Floats, usual
from hwgen.network.recurrent import Recurrent, in_order, sigmoid


@dataclass(frozen=True, eq=False)
class Gru(Recurrent):
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
    bias_hidden: Floats
    backwards: bool = usual(False)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, units, length)``."""
        y = np.zeros((len(x), *self.output_shape(x.shape[1:])))
        h = np.zeros((len(x), self.units))
        for t in in_order(x.shape[2], backwards=self.backwards):
            given = np.split(x[:, :, t] @ self.weight_input.T + self.bias, 3, axis=1)
            kept = np.split(h @ self.weight_hidden.T + self.bias_hidden, 3, axis=1)
            r, z = (sigmoid(given[gate] + kept[gate]) for gate in (0, 1))
            n = np.tanh(given[2] + r * kept[2])
            h = y[:, :, t] = n + z * (h - n)
        return y


LAYER = Gru
