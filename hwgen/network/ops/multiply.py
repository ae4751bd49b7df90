"""Product of two values: gates, attention to channels or positions, squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.broadcast import beside, together
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Multiply(Layer):
    """``x * y``, element by element; one channel or position of either goes with all of the other.

    A flat value beside one of channels and positions has a number for each channel (squeeze and
    excitation: J. Hu et al., CVPR 2018).
    """

    op: ClassVar[str] = "multiply"

    def output_shape(self, *shapes: Shape) -> Shape:
        """``(channels or 1, length or 1)`` twice, or flat -> the larger of each."""
        found = together(shapes) if len(shapes) == 2 else None
        if found is None:
            raise InputError(
                f"{self.name} takes two values of one shape, or with one channel or one position "
                f"where the other has several, not {list(shapes)}"
            )
        return found

    def apply(self, x: Floats, y: Floats) -> Floats:
        """Return ``(n, *output_shape)``."""
        first, second = beside((x, y))
        product: Floats = first * second
        return product


LAYER = Multiply
