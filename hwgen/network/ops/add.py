"""Sum of values, with an optional ReLU."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.broadcast import beside, together
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Add(Layer):
    """``x + y + ...``, element by element; one position of some goes with all of the others.

    A flat value beside those of channels and positions has a number for each channel.

    Parameters
    ----------
    relu
        Whether negative sums become zero.
    """

    op: ClassVar[str] = "add"
    relu: bool = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """Two or more ``(channels, length or 1)``, or flat -> the longest."""
        alike = len(shapes) > 1 and len({shape[:1] for shape in shapes}) == 1
        found = together(shapes) if alike else None
        if found is None:
            raise InputError(
                f"{self.name} takes two or more values of one shape, or of one position where "
                f"others have several, not {list(shapes)}"
            )
        return found

    def apply(self, *xs: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        y: Floats = functools.reduce(np.add, beside(xs))
        return np.maximum(y, 0.0) if self.relu else y


LAYER = Add
