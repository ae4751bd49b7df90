"""What recurrent layers have in common."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.functions import FUNCTIONS
from hwgen.network.layer import Floats, Layer, Shape, tensor


@dataclass(frozen=True, eq=False)
class Recurrent(Layer):
    """A layer that goes over positions; what it has before the first one is zero.

    Parameters
    ----------
    weight_input, weight_hidden
        ``(gates * units, channels)`` and ``(gates * units, units)``.
    bias
        ``(gates * units,)``, as any other field of this kind.

    A subclass has `backwards` too, whether it goes from the last position to the first.
    """

    gates: ClassVar[int]
    weight_input: Floats
    weight_hidden: Floats
    bias: Floats

    def __post_init__(self) -> None:
        names = [each.name for each in dataclasses.fields(self)]
        dims = {name: 2 for name in names if name.startswith("weight")}
        dims |= {name: 1 for name in names if name.startswith("bias")}
        for name, count in dims.items():
            value = tensor(f"{self.name} {name}", getattr(self, name), count)
            object.__setattr__(self, name, value)
        rows = [len(getattr(self, name)) for name in dims]
        if set(rows) != {self.gates * self.units}:
            raise InputError(
                f"{self.name} must have {self.gates} rows of weights and biases for each of its "
                f"{self.units} units, not {rows}"
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


def in_order(length: int, *, backwards: bool) -> range:
    """Return the positions as a recurrent layer works on them."""
    return range(length)[::-1] if backwards else range(length)


def sigmoid(x: Floats) -> Floats:
    """Return what opens a gate."""
    return FUNCTIONS["sigmoid"](x, 0.0)
