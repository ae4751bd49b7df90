"""The same numbers as other channels and positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, positive

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Reshape(Layer):
    """Numbers in the order of positions, the channels of one side by side, cut anew.

    It is ``numpy.reshape`` of a value with its channels last, as it lies in memory. With more
    channels it is what is called space to depth, with fewer depth to space.

    Parameters
    ----------
    channels
        Of the output.
    """

    op: ClassVar[str] = "reshape"
    channels: int

    def __post_init__(self) -> None:
        positive(f"{self.name} channels", self.channels)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length)`` or ``(numbers,)`` -> `channels`, and as many positions as fit."""
        numbers = math.prod(shape)
        if not 0 < len(shape) <= 2 or numbers % self.channels:
            raise InputError(
                f"{self.name} takes a multiple of {self.channels} numbers, not {shape}"
            )
        return (self.channels, numbers // self.channels)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, positions)``."""
        return reshaped(x, self.channels)


def reshaped(x: npt.NDArray[Scalar], channels: int) -> npt.NDArray[Scalar]:
    """Return an array ``(n, channels, positions)`` or ``(n, numbers)`` with other channels."""
    turned = x.swapaxes(1, -1) if x.ndim == 3 else x
    return turned.reshape(len(x), -1, channels).swapaxes(1, 2)


LAYER = Reshape
