"""One-dimensional average-pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.network import pooling
from hwgen.network.layer import Floats, Layer, Shape, usual


@dataclass(frozen=True)
class AvgPool1d(Layer):
    """Mean over groups of positions; a rest that fills no group is dropped.

    Parameters
    ----------
    size
        Positions of a group; all of them for the global average.
    stride
        Positions from a group to the next; None: `size`.
    padding
        Zeros on either side, which count as values.
    """

    op: ClassVar[str] = "avgpool1d"
    size: int
    stride: int | None = usual(None)
    padding: int = usual(0)

    def __post_init__(self) -> None:
        pooling.check(self)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (channels, positions)``."""
        return pooling.output_shape(self, shape)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, positions)``."""
        mean: Floats = pooling.groups(self, x, 0.0).mean(axis=3)
        return mean


LAYER = AvgPool1d
