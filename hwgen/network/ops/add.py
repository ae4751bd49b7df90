"""Sum of values of one shape, with an optional ReLU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Add(Layer):
    """``x + y + ...``, element by element.

    Parameters
    ----------
    relu
        Whether negative sums become zero.
    """

    op: ClassVar[str] = "add"
    relu: bool = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """Two or more equal shapes -> the same."""
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise InputError(
                f"{self.name} takes two or more values of one shape, not {list(shapes)}"
            )
        return shapes[0]

    def apply(self, *xs: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        y: Floats = np.sum(xs, axis=0)
        return np.maximum(y, 0.0) if self.relu else y


LAYER = Add
