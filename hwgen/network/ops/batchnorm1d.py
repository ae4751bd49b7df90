"""Batch normalisation as it is when a network is used; a pass folds it into weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, tensor


@dataclass(frozen=True, eq=False)
class BatchNorm1d(Layer):
    """``(x - mean) / sqrt(variance + eps) * weight + bias``, per channel.

    Parameters
    ----------
    weight, bias, mean, variance
        ``(channels,)``.
    eps
        Keeps the root from zero.
    """

    op: ClassVar[str] = "batchnorm1d"
    leftover: ClassVar[str] = (
        "must follow a convolution or a dense layer without ReLU whose value nothing else reads, "
        "or be read by one dense layer, where values are flat"
    )
    weight: Floats
    bias: Floats
    mean: Floats
    variance: Floats
    eps: float = 1e-5

    def __post_init__(self) -> None:
        for field in ("weight", "bias", "mean", "variance"):
            value = tensor(f"{self.name}.{field}", getattr(self, field), 1)
            if len(value) != len(self.weight):
                raise InputError(
                    f"{self.name}.{field} must have one value a channel ({len(self.weight)}), "
                    f"not {len(value)}"
                )
            object.__setattr__(self, field, value)
        if not isinstance(self.eps, int | float) or not (self.variance + self.eps > 0).all():
            raise InputError(
                f"{self.name} variance + eps must be positive, not {self.variance.min()} + "
                f"{self.eps!r}"
            )

    @property
    def gain(self) -> Floats:
        """``(channels,)``: what a channel is multiplied by."""
        gain: Floats = self.weight / np.sqrt(self.variance + self.eps)
        return gain

    @property
    def offset(self) -> Floats:
        """``(channels,)``: what is then added."""
        offset: Floats = self.bias - self.mean * self.gain
        return offset

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length)`` or ``(channels,)`` -> the same."""
        if len(shape) not in (1, 2) or shape[0] != len(self.weight):
            raise InputError(
                f"{self.name} takes values of {len(self.weight)} channels, not {shape}"
            )
        return shape

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, *shape)``."""
        inner = (-1,) + (1,) * (x.ndim - 2)
        return x * self.gain.reshape(inner) + self.offset.reshape(inner)


LAYER = BatchNorm1d
