"""One-dimensional max-pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.network import pooling
from hwgen.network.layer import Floats, Layer, Shape, usual


@dataclass(frozen=True)
class MaxPool1d(Layer):
    """Maximum over groups of positions; a rest that fills no group is dropped.

    Parameters
    ----------
    size
        Positions of a group.
    stride
        Positions from a group to the next; None: `size`.
    padding
        Positions on either side whose value is below all others.
    padding_right
        Those on the right; None: as many as on the left.
    """

    op: ClassVar[str] = "maxpool1d"
    size: int
    stride: int | None = usual(None)
    padding: int = usual(0)
    padding_right: int | None = usual(None)

    def __post_init__(self) -> None:
        pooling.check(self)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (channels, positions)``."""
        return pooling.output_shape(self, shape)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, positions)``."""
        largest: Floats = pooling.groups(self, x, -np.inf).max(axis=3)
        return largest


LAYER = MaxPool1d
