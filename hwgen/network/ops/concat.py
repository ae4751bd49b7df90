"""Values side by side, channel behind channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Concat(Layer):
    """Channels of all inputs, in their order; a flat value of n numbers is n channels."""

    op: ClassVar[str] = "concat"

    def output_shape(self, *shapes: Shape) -> Shape:
        """``(channels, length), ... -> (sum of channels, length)``; flat values likewise."""
        if len(shapes) < 2 or len({shape[1:] for shape in shapes}) > 1 or not all(shapes):
            raise InputError(
                f"{self.name} takes two or more values of one length, not {list(shapes)}"
            )
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def apply(self, *xs: Floats) -> Floats:
        """Return ``(n, channels, length)``, or ``(n, numbers)`` of flat values."""
        return np.concatenate(xs, axis=1)


LAYER = Concat
