"""ReLU by itself, as a file may have it; a pass makes it the end of the op before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Relu(Layer):
    """``max(x, 0)``, element by element."""

    op: ClassVar[str] = "relu"
    leftover: ClassVar[str] = (
        "must follow a convolution, a dense layer or an add whose value nothing else reads"
    )

    @property
    def rectified(self) -> bool:
        """It is nothing else."""
        return True

    def output_shape(self, shape: Shape) -> Shape:
        """Any shape -> the same."""
        return shape

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        return np.maximum(x, 0.0)


LAYER = Relu
