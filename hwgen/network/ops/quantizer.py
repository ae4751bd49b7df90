"""A quantiser by itself, as a file may have it; a pass makes it the end of the op before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Quantizer(Layer):
    """The values on its grid."""

    op: ClassVar[str] = "quantizer"
    leftover: ClassVar[str] = (
        "must read what a convolution, a dense layer, a mean, a sum or a function gives to nobody "
        "else, or values that are on a grid already: products of two values and recurrent layers "
        "have no steps of a training"
    )
    way_out: ClassVar[str] = (
        "train without this quantiser, or let hwgen choose all integers of the network "
        "(--quantizers drop)"
    )

    def __post_init__(self) -> None:
        if self.grid is None:
            raise InputError(f"{self.name} must have a grid, not none")

    def output_shape(self, shape: Shape) -> Shape:
        """Any shape -> the same."""
        assert self.grid is not None
        if len(self.grid.step) not in (1, shape[0]):
            raise InputError(
                f"{self.name} must have one step, or one for each of {shape[0]} channels, not "
                f"{len(self.grid.step)}"
            )
        return shape

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *shape)``: all that is done is in its grid."""
        return x


LAYER = Quantizer
