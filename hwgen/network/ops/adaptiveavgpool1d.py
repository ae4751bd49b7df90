"""Average-pooling to a number of positions, whatever the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, positive
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.pooling import adaptive_groups, even_groups

MAX_POSITIONS = 1 << 16
"""More of them is taken for a damaged or hostile file."""


@dataclass(frozen=True)
class AdaptiveAvgPool1d(Layer):
    """Means over groups of positions that cover all of them, `torch.nn.AdaptiveAvgPool1d`.

    Parameters
    ----------
    positions
        Groups; their sizes differ by 1 at most, and they may overlap.
    """

    op: ClassVar[str] = "adaptiveavgpool1d"
    positions: int

    def __post_init__(self) -> None:
        positive(f"{self.name} positions", self.positions)
        if self.positions > MAX_POSITIONS:
            raise InputError(
                f"{self.name} positions must be at most {MAX_POSITIONS:,}, not {self.positions:,}"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (channels, positions)``."""
        if len(shape) != 2:
            raise InputError(f"{self.name} takes (channels, length) values, not {shape}")
        return (shape[0], self.positions)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, positions)``."""
        groups = adaptive_groups(x.shape[2], self.positions)
        return np.stack([x[:, :, group].mean(axis=2) for group in groups], axis=2)


def adaptive(name: str, length: int, positions: int) -> Layer:
    """Return the pooling that gives so many positions of `length`.

    That of equal groups at equal distances, if they are: it takes no weights of its own on chip.
    """
    layer = AdaptiveAvgPool1d(name, positions)
    found = even_groups(length, positions)
    if found is None:
        return layer
    size, stride = found
    return AvgPool1d(name, size, None if stride == size else stride)


LAYER = AdaptiveAvgPool1d
