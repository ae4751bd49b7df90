"""TICNN: a wide first kernel whose weights are dropped at random in training, then small ones.

W. Zhang, C. Li, G. Peng, Y. Chen, Z. Zhang, "A deep convolutional neural network with new training
methods for bearing fault diagnosis under noisy environment and different working load",
Mechanical Systems and Signal Processing 100 (2018) 439-453: six convolutions, the first of 64 taps
and stride 8, and a rate of drop-out of its kernel that is drawn anew for each batch, from 0.1 to
0.9. Built as the paper has it: code that is passed around under this name applies its third
convolution four times and leaves the last three unused; here each of the six has its own weights.
The paper's very small batches and its ensemble are not taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.training.design import Design, State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import channelled

_BLOCKS = (
    (16, 64, 8, 28), (32, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 0),
)  # fmt: skip
"""Filters, taps, stride and padding of each block."""
_DROPPED = 0.1, 0.9
"""Lowest and highest rate at which weights of the first kernel are dropped."""
_HIDDEN = 100
_SHORTEST, _LONGEST = 1024, 1 << 16


@dataclass(frozen=True)
class Ticnn(Design):
    """Sizes: the published ones but for the window, on which the first dense layer depends.

    Raises
    ------
    UsageError
        If the window is too short for six poolings, or too long.
    """

    name: ClassVar[str] = "ticnn"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    most_channels: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        if not _SHORTEST <= self.window <= _LONGEST:
            raise UsageError(
                f"--window of {self.name} must be from {_SHORTEST} to {_LONGEST} samples, "
                f"not {self.window}"
            )

    @property
    def positions(self) -> int:
        """Of each filter of the last block, pooled."""
        length = self.window
        for _, kernel, stride, padding in _BLOCKS:
            length = ((length + 2 * padding - kernel) // stride + 1) // 2
        return length

    def module(self, channels: int, classes: int, plan: Optimisation) -> TicnnNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return TicnnNet(channels, self.positions, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, six blocks with batch normalisation, and two dense layers."""
        wiring = Wiring(state)
        y = wiring.add(Direct("direct"))
        for k, (_, _, stride, padding) in enumerate(_BLOCKS, 1):
            y = wiring.conv(f"conv{k}", y, stride=stride, padding=padding)
            y = wiring.relu(f"relu{k}", wiring.norm(f"bn{k}", y))
            y = wiring.add(MaxPool1d(f"pool{k}", 2), y)
        y = wiring.relu("fc1.relu", wiring.dense("fc1", y))
        return wiring.classified(wiring.dense("fc2", y))


class TicnnNet(nn.Module):
    """Six blocks of convolution, batch norm, ReLU and max-pool, and two dense layers.

    Parameters
    ----------
    channels
        Of the samples.
    positions
        Of each filter of the last block, pooled.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, positions: int, classes: int) -> None:
        super().__init__()
        inputs = channels
        for k, (filters, kernel, stride, padding) in enumerate(_BLOCKS, 1):
            self.add_module(f"conv{k}", nn.Conv1d(inputs, filters, kernel, stride, padding))
            self.add_module(f"bn{k}", nn.BatchNorm1d(filters))
            inputs = filters
        self.fc1 = nn.Linear(inputs * positions, _HIDDEN)
        self.fc2 = nn.Linear(_HIDDEN, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = self._first(channelled(x))
        for k in range(1, len(_BLOCKS) + 1):
            if k > 1:
                y = self.get_submodule(f"conv{k}")(y)
            y = functional.relu(self.get_submodule(f"bn{k}")(y))
            y = functional.max_pool1d(y, 2)
        return self.fc2(functional.relu(self.fc1(y.flatten(1))))

    def _first(self, x: Tensor) -> Tensor:
        """Return the first convolution of ``(n, channels, window)``; in training with drop-out."""
        conv = self.get_submodule("conv1")
        assert isinstance(conv, nn.Conv1d)
        if not self.training:
            return conv(x)
        rate = float(torch.empty(()).uniform_(*_DROPPED))
        weight = functional.dropout(conv.weight, rate)
        return functional.conv1d(x, weight, conv.bias, conv.stride, conv.padding)


DESIGN = Ticnn
