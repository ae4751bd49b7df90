"""Networks with a wide first kernel and small ones behind, each block pooled, two dense layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.network import Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled, channelled

Blocks = tuple[tuple[int, int, int, int], ...]
"""Filters, taps, stride and padding of each."""


class WideFirstNet(nn.Module):
    """Blocks of convolution, batch norm, ReLU and max-pool, and two dense layers.

    Parameters
    ----------
    blocks
        Of convolutions.
    channels
        Of the samples.
    positions
        Of each filter of the last block, pooled.
    hidden, classes
        Outputs of the dense layers.
    """

    convolution: ClassVar[Callable[..., nn.Module]] = nn.Conv1d
    """Of a block, by channels, filters, taps, stride and padding."""

    def __init__(
        self, blocks: Blocks, channels: int, positions: int, hidden: int, classes: int
    ) -> None:
        super().__init__()
        self._blocks = len(blocks)
        inputs = channels
        for k, (filters, kernel, stride, padding) in enumerate(blocks, 1):
            self.add_module(f"conv{k}", self.convolution(inputs, filters, kernel, stride, padding))
            self.add_module(f"bn{k}", nn.BatchNorm1d(filters))
            inputs = filters
        self.fc1 = nn.Linear(inputs * positions, hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = channelled(x)
        for k in range(1, self._blocks + 1):
            y = self.get_submodule(f"bn{k}")(self.convolved(k, y))
            y = functional.max_pool1d(functional.relu(y), 2)
        return self.fc2(functional.relu(self.fc1(y.flatten(1))))

    def convolved(self, number: int, x: Tensor) -> Tensor:
        """Return what a block's convolution makes of its input."""
        y: Tensor = self.get_submodule(f"conv{number}")(x)
        return y


@dataclass(frozen=True)
class WideFirst(Sampled):
    """Sizes: the published ones but for the window, on which the first dense layer depends."""

    blocks: ClassVar[Blocks]
    net: ClassVar[type[WideFirstNet]] = WideFirstNet
    hidden: ClassVar[int] = 100
    quadratic: ClassVar[bool] = False

    @property
    def positions(self) -> int:
        """Of each filter of the last block, pooled."""
        length = self.window
        for _, kernel, stride, padding in self.blocks:
            length = ((length + 2 * padding - kernel) // stride + 1) // 2
        return length

    def module(self, channels: int, classes: int, plan: Optimisation) -> WideFirstNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return self.net(self.blocks, channels, self.positions, self.hidden, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, blocks with batch normalisation, and two dense layers."""
        wiring = Wiring(state)
        y = wiring.add(Direct("direct"))
        for k, (_, _, stride, padding) in enumerate(self.blocks, 1):
            add = wiring.quadratic if self.quadratic else wiring.conv
            y = add(f"conv{k}", y, stride=stride, padding=padding)
            y = wiring.relu(f"relu{k}", wiring.norm(f"bn{k}", y))
            y = wiring.add(MaxPool1d(f"pool{k}", 2), y)
        y = wiring.relu("fc1.relu", wiring.dense("fc1", y))
        return wiring.classified(wiring.dense("fc2", y))
