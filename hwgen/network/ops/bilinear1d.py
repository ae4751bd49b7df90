"""Product of two convolutions of one value: the quadratic part of a quadratic neuron."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, usual
from hwgen.network.ops.conv1d import Conv1d


@dataclass(frozen=True, eq=False)
class Bilinear1d(Layer):
    """``(x * weight_r + bias_r) (x * weight_g + bias_g)``, the stars being convolutions.

    With a convolution of the squares added it is a quadratic neuron (F. Fan et al., On
    Expressivity and Trainability of Quadratic Networks, IEEE TNNLS 2023); its fields have the
    names that such neurons have there.

    Parameters
    ----------
    weight_r, weight_g
        ``(filters, channels, kernel)``.
    bias_r, bias_g
        ``(filters,)``.
    stride, padding, dilation, padding_right
        As of a convolution, of both.
    flat
        Whether they are dense layers: kernels see all positions, flat values count as one, and the
        output is flat.
    """

    op: ClassVar[str] = "bilinear1d"
    weight_r: Floats
    bias_r: Floats
    weight_g: Floats
    bias_g: Floats
    stride: int
    padding: int
    dilation: int = usual(1)
    padding_right: int | None = usual(None)
    flat: bool = usual(False)

    def __post_init__(self) -> None:
        for half, conv in zip("rg", self.halves, strict=True):
            object.__setattr__(self, f"weight_{half}", conv.weight)
            object.__setattr__(self, f"bias_{half}", conv.bias)
        if self.weight_r.shape != self.weight_g.shape:
            raise InputError(
                f"{self.name} must have weights of one shape, not weight_r "
                f"{self.weight_r.shape} and weight_g {self.weight_g.shape}"
            )

    @cached_property
    def halves(self) -> tuple[Conv1d, Conv1d]:
        """The two convolutions."""
        weights = (self.weight_r, self.bias_r, "r"), (self.weight_g, self.bias_g, "g")
        one, other = (
            Conv1d(
                f"{self.name} {half}", weight, bias, self.stride, self.padding, relu=False,
                dilation=self.dilation, padding_right=self.padding_right,
            )
            for weight, bias, half in weights
        )  # fmt: skip
        return one, other

    @property
    def linear(self) -> bool:
        """Not so: what both are multiplied by counts twice."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (filters, positions)``, or ``(filters,)``."""
        try:
            filters, positions = self.halves[0].output_shape(self._seen(shape))
        except InputError as error:
            raise InputError(str(error).replace(f"{self.name} r", self.name, 1)) from error
        if not self.flat:
            return (filters, positions)
        if positions > 1:
            raise InputError(f"{self.name} must see all positions, not {self.weight_r.shape[2]}")
        return (filters,)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, filters, positions)``, or ``(n, filters)``."""
        given = x.reshape(len(x), *self._seen(x.shape[1:]))
        one, other = (conv.apply(given) for conv in self.halves)
        product: Floats = one * other
        return product[:, :, 0] if self.flat else product

    def _seen(self, shape: Shape) -> Shape:
        return (*shape, 1) if self.flat and len(shape) == 1 else shape


LAYER = Bilinear1d
