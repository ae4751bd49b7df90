"""Convolutions whose channels are weighed by what all positions say: squeeze and excitation.

J. Hu, L. Shen, G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018. A block is a convolution with
batch normalisation, ReLU and max-pooling, and the published unit behind it: the mean of each
channel over all positions (squeeze); two dense layers, the first of a quarter as many numbers but
eight at least, with ReLU and sigmoid (excitation); each channel times its number. The paper reduces
to a sixteenth, of 256 channels and more; here there are 16 to 64. The first kernel is wide, as
vibration wants it, and the mean over all positions is at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.network import Graph, Layer
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.table import Table
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled, channelled

_BLOCKS = ((16, 64, 16, 24), (32, 3, 1, 1), (64, 3, 1, 1), (64, 3, 1, 1))
"""Filters, taps, stride and padding of each block."""
_REDUCED, _FEWEST = 4, 8
"""Channels for each number between the two dense layers of a unit, and how many these are at least:
of few all may be behind a shut ReLU from the start."""
_WHOLE = _BLOCKS[0][2] << len(_BLOCKS)
"""A window is a multiple of so many samples: every stride and pooling then comes out even."""


@dataclass(frozen=True)
class CnnSe(Sampled):
    """Sizes: all are fixed but the window.

    Raises
    ------
    UsageError
        If the window is none that the strides divide.
    """

    name: ClassVar[str] = "cnn-se"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    shortest: ClassVar[int] = _WHOLE
    whole: ClassVar[int] = _WHOLE

    def module(self, channels: int, classes: int, plan: Optimisation) -> CnnSeNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return CnnSeNet(channels, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, blocks with their units, the mean over positions and a dense layer."""
        wiring = Wiring(state)
        y, positions = wiring.add(Direct("direct")), self.window
        for k, (_, _, stride, padding) in enumerate(_BLOCKS, 1):
            y = wiring.conv(f"conv{k}", y, stride=stride, padding=padding)
            y = wiring.relu(f"relu{k}", wiring.norm(f"bn{k}", y))
            y = wiring.add(MaxPool1d(f"pool{k}", 2), y)
            positions //= 2 * stride
            y = _weighed(wiring, f"se{k}", y, positions)
        y = wiring.add(AvgPool1d("mean", positions), y)
        return wiring.classified(wiring.dense("fc", y))


def _weighed(wiring: Wiring, unit: str, source: str, positions: int) -> str:
    """Add the nodes of a `_Unit`."""
    y = wiring.add(AvgPool1d(f"{unit}_squeeze", positions), source)
    y = wiring.relu(f"{unit}.relu", wiring.dense(f"{unit}.reduce", y))
    y = wiring.add(Table(f"{unit}_gate", "sigmoid"), wiring.dense(f"{unit}.restore", y))
    return wiring.add(Multiply(f"{unit}_weighed"), source, y)


class _Unit(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        numbers = max(channels // _REDUCED, _FEWEST)
        self.reduce = nn.Linear(channels, numbers)
        self.restore = nn.Linear(numbers, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, channels, length)``."""
        gates = self.restore(functional.relu(self.reduce(x.mean(dim=2)))).sigmoid()
        return x * gates.unsqueeze(2)


class CnnSeNet(nn.Module):
    """Blocks with squeeze and excitation, the mean over all positions, and a dense layer.

    Parameters
    ----------
    channels
        Of the samples.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        inputs = channels
        for k, (filters, kernel, stride, padding) in enumerate(_BLOCKS, 1):
            conv = nn.Conv1d(inputs, filters, kernel, stride, padding, bias=False)
            self.add_module(f"conv{k}", conv)
            self.add_module(f"bn{k}", nn.BatchNorm1d(filters))
            self.add_module(f"se{k}", _Unit(filters))
            inputs = filters
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = channelled(x)
        for k in range(1, len(_BLOCKS) + 1):
            y = self.get_submodule(f"bn{k}")(self.get_submodule(f"conv{k}")(y))
            y = functional.max_pool1d(functional.relu(y), 2)
            y = self.get_submodule(f"se{k}")(y)
        return self.fc(y.mean(dim=2))


DESIGN = CnnSe
