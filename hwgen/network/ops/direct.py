"""Samples as values: the front-end of a network in the time domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape


@dataclass(frozen=True)
class Direct(Layer):
    """The samples, each channel a row of values."""

    op: ClassVar[str] = "direct"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(1, samples)`` for ``(samples,)``; ``(channels, samples)`` stays."""
        if len(shape) not in (1, 2):
            raise InputError(f"{self.name} takes (samples,) or (channels, samples), not {shape}")
        return shape if len(shape) == 2 else (1, *shape)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, samples)``."""
        return x if x.ndim == 3 else x[:, None]


LAYER = Direct
