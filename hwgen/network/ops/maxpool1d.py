"""One-dimensional max-pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, positive


@dataclass(frozen=True)
class MaxPool1d(Layer):
    """Maximum over disjoint groups of `size` positions; a rest that fills no group is dropped."""

    op: ClassVar[str] = "maxpool1d"
    size: int

    def __post_init__(self) -> None:
        positive(f"{self.name} size", self.size)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (channels, length // size)``."""
        if len(shape) != 2 or shape[1] < self.size:
            raise InputError(
                f"{self.name} takes (channels, length >= {self.size}) values, not {shape}"
            )
        return (shape[0], shape[1] // self.size)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, length // size)``."""
        n, channels, length = x.shape
        whole = length // self.size * self.size
        return x[:, :, :whole].reshape(n, channels, -1, self.size).max(axis=3)


LAYER = MaxPool1d
