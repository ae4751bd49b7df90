"""One-dimensional convolution with an optional ReLU, to which another value may be added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.convolution import Convolution
from hwgen.network.layer import Floats, Layer, Shape, positive, tensor, units, usual

MAX_PADDING = 1 << 12
"""Zeros on a side; more of them is taken for a damaged or hostile file."""


@dataclass(frozen=True, eq=False)
class Conv1d(Convolution, Layer):
    """Cross-correlation with zero padding, as `torch.nn.Conv1d` has it.

    Parameters
    ----------
    weight
        ``(filters, channels / groups, kernel)``.
    bias
        ``(filters,)``.
    stride, padding
        Step between outputs, and zeros on the left, in input positions.
    relu
        Whether negative outputs become zero.
    groups
        Channels and filters are cut into so many parts; a part's filters see its channels only.
    dilation
        Input positions from one tap to the next.
    padding_right
        Zeros on the right; None: as many as on the left.
    residual
        Whether a second value, of the output's shape, is added before the ReLU.
    unit
        What one is worth in the integer weights of each filter, where the network was trained with
        such weights: they are kept. None: integers are chosen when it is quantised.
    """

    op: ClassVar[str] = "conv1d"
    weight: Floats
    bias: Floats
    stride: int
    padding: int
    relu: bool = True
    groups: int = usual(1)
    dilation: int = usual(1)
    padding_right: int | None = usual(None)
    residual: bool = usual(False)
    unit: tuple[float, ...] | None = usual(None)

    def __post_init__(self) -> None:
        weight = tensor(f"{self.name}.weight", self.weight, 3)
        bias = tensor(f"{self.name}.bias", self.bias, 1)
        if len(bias) != len(weight):
            raise InputError(
                f"{self.name}.bias must have one value a filter ({len(weight)}), not {len(bias)}"
            )
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "unit", units(self.name, self.unit, len(weight)))
        for field, low in (("stride", 1), ("groups", 1), ("dilation", 1), ("padding", 0)):
            positive(f"{self.name} {field}", getattr(self, field), low)
        positive(f"{self.name} padding_right", self.sides[1], 0)
        if len(weight) % self.groups:
            raise InputError(
                f"{self.name} groups must divide the filters ({len(weight)}), not be {self.groups}"
            )
        self._check_padding()

    def _check_padding(self) -> None:
        """Refuse more zeros than a network has a use for."""
        for padding in self.sides:
            if padding > MAX_PADDING:
                raise InputError(
                    f"{self.name} padding must be at most {MAX_PADDING:,}, not {padding:,}"
                )

    @property
    def linear(self) -> bool:
        """Whether rows of weights, and a bias each, are all: nothing is added to them."""
        return super().linear and not self.residual

    def output_shape(self, shape: Shape, *added: Shape) -> Shape:
        """``(channels, length) -> (filters, positions)``; what is added has the latter."""
        filters, channels = len(self.weight), self.weight.shape[1] * self.groups
        if len(shape) != 2 or shape[0] != channels:
            raise InputError(f"{self.name} takes ({channels}, length) values, not {shape}")
        padded = shape[1] + sum(self.sides)
        positions = self.positions_of(shape[1])
        if positions < 1:
            raise InputError(
                f"{self.name} kernel must fit into its padded input ({padded}), not be {self.reach}"
            )
        if added != ((filters, positions),) * self.residual:
            wanted = f"({filters}, {positions}) values" if self.residual else "nothing"
            raise InputError(f"{self.name} takes {wanted} to add, not {list(added)}")
        return (filters, positions)

    def columns(self, scale: Floats) -> Floats:
        """Return scales as the weights meet them, ``(filters, channels / groups, 1)``."""
        return columns(scale, len(self.weight), self.groups)

    def apply(self, x: Floats, *added: Floats) -> Floats:
        """Return ``(n, filters, positions)``."""
        y = np.concatenate([self._sums(part) for part in self.parts_of(x)])
        y += self.bias[:, np.newaxis]
        for other in added:
            y += other
        return np.maximum(y, 0.0) if self.relu else y

    def _sums(self, x: Floats) -> Floats:
        """Return the products with the weights, ``(n, filters, positions)``."""
        padded = np.pad(x, ((0, 0), (0, 0), self.sides))
        patches = np.lib.stride_tricks.sliding_window_view(padded, self.reach, axis=2)
        patches = patches[:, :, :: self.stride, :: self.dilation]
        parts = zip(
            np.split(patches, self.groups, axis=1), np.split(self.weight, self.groups), strict=True
        )
        return np.concatenate(
            [np.einsum("ncpk,fck->nfp", part, weight, optimize=True) for part, weight in parts],
            axis=1,
        )


def columns(scale: Floats, filters: int, groups: int) -> Floats:
    """Return the scales of the channels that each filter sees, ``(filters, channels/groups, 1)``.

    Parameters
    ----------
    scale
        Of the channels, ``(channels,)``.
    filters, groups
        As in `Conv1d`.
    """
    return np.repeat(scale.reshape(groups, -1, 1), filters // groups, axis=0)


LAYER = Conv1d
