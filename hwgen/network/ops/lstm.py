"""A long short-term memory over positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.network.layer import Floats, usual
from hwgen.network.recurrent import Recurrent, in_order, sigmoid


@dataclass(frozen=True, eq=False)
class Lstm(Recurrent):
    """``c = f c' + i g``, ``h = o tanh(c)``; what it has before the first position is zero.

    ``i, f, o = sigmoid`` and ``g = tanh`` of ``weight_input x + weight_hidden h' + bias``
    (S. Hochreiter and J. Schmidhuber, Neural Computation 9(8), 1997, with the forget gate of F.
    Gers et al., 2000).

    Parameters
    ----------
    weight_input, weight_hidden
        ``(4 units, channels)`` and ``(4 units, units)``: rows of i, f, g, o, as torch has them.
    bias
        ``(4 units,)``.
    backwards
        Whether it goes from the last position to the first.
    """

    op: ClassVar[str] = "lstm"
    gates: ClassVar[int] = 4
    backwards: bool = usual(False)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, units, length)``."""
        y = np.zeros((len(x), *self.output_shape(x.shape[1:])))
        h = c = np.zeros((len(x), self.units))
        for t in in_order(x.shape[2], backwards=self.backwards):
            sums = x[:, :, t] @ self.weight_input.T + h @ self.weight_hidden.T + self.bias
            i, f, g, o = np.split(sums, self.gates, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = y[:, :, t] = sigmoid(o) * np.tanh(c)
        return y


LAYER = Lstm
