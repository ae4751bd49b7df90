"""A long short-term memory over positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.functions import FUNCTIONS
from hwgen.network.layer import Floats, Layer, Shape, tensor, usual


@dataclass(frozen=True, eq=False)
class Lstm(Layer):
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
    weight_input: Floats
    weight_hidden: Floats
    bias: Floats
    backwards: bool = usual(False)

    def __post_init__(self) -> None:
        for name, dims in (("weight_input", 2), ("weight_hidden", 2), ("bias", 1)):
            value = tensor(f"{self.name} {name}", getattr(self, name), dims)
            object.__setattr__(self, name, value)
        units = self.weight_hidden.shape[1]
        shapes = self.weight_input.shape[:1], self.weight_hidden.shape[:1], self.bias.shape
        if set(shapes) != {(self.gates * units,)}:
            raise InputError(
                f"{self.name} must have {self.gates} rows of weights and biases for each of its "
                f"{units} units, not {[shape[0] for shape in shapes]}"
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
        h = c = np.zeros((len(x), self.units))
        order = range(x.shape[2])
        for t in order[::-1] if self.backwards else order:
            sums = x[:, :, t] @ self.weight_input.T + h @ self.weight_hidden.T + self.bias
            i, f, g, o = np.split(sums, self.gates, axis=1)
            c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
            h = y[:, :, t] = _sigmoid(o) * np.tanh(c)
        return y


def _sigmoid(x: Floats) -> Floats:
    return FUNCTIONS["sigmoid"](x, 0.0)


LAYER = Lstm
