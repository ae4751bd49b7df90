"""One-dimensional convolution with an optional ReLU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, positive, tensor


@dataclass(frozen=True, eq=False)
class Conv1d(Layer):
    """Cross-correlation with zero padding, as `torch.nn.Conv1d` has it.

    Parameters
    ----------
    weight
        ``(filters, channels, kernel)``.
    bias
        ``(filters,)``.
    stride, padding
        Step between outputs, and zeros on either side, in input positions.
    relu
        Whether negative outputs become zero.
    """

    op: ClassVar[str] = "conv1d"
    weight: Floats
    bias: Floats
    stride: int
    padding: int
    relu: bool = True

    def __post_init__(self) -> None:
        weight = tensor(f"{self.name}.weight", self.weight, 3)
        bias = tensor(f"{self.name}.bias", self.bias, 1)
        if len(bias) != len(weight):
            raise InputError(
                f"{self.name}.bias must have one value a filter ({len(weight)}), not {len(bias)}"
            )
        positive(f"{self.name} stride", self.stride)
        positive(f"{self.name} padding", self.padding, 0)
        if self.padding >= weight.shape[2]:
            raise InputError(
                f"{self.name} padding must be less than the kernel ({weight.shape[2]}), "
                f"not {self.padding}"
            )
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "bias", bias)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels, length) -> (filters, positions)``."""
        filters, channels, kernel = self.weight.shape
        if len(shape) != 2 or shape[0] != channels:
            raise InputError(f"{self.name} takes ({channels}, length) values, not {shape}")
        positions = (shape[1] + 2 * self.padding - kernel) // self.stride + 1
        if positions < 1:
            raise InputError(
                f"{self.name} kernel must fit into its padded input "
                f"({shape[1] + 2 * self.padding}), not be {kernel}"
            )
        return (filters, positions)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, filters, positions)``."""
        padded = np.pad(x, ((0, 0), (0, 0), (self.padding, self.padding)))
        kernel = self.weight.shape[2]
        patches = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=2)
        patches = patches[:, :, :: self.stride]
        y = np.einsum("ncpk,fck->nfp", patches, self.weight, optimize=True)
        y += self.bias[:, np.newaxis]
        return np.maximum(y, 0.0) if self.relu else y


LAYER = Conv1d
