"""What does nothing when a network is used, such as dropout; a pass takes it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Identity(Layer):
    """The value itself."""

    op: ClassVar[str] = "identity"
    leftover: ClassVar[str] = "must not be all that is between the samples and an output"

    def output_shape(self, shape: Shape) -> Shape:
        """Any shape -> the same."""
        return shape

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        return x


LAYER = Identity
