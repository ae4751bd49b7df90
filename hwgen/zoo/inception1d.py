"""A small InceptionTime: kernels of several lengths side by side, a shortcut over three modules.

H. Ismail Fawaz and others, "InceptionTime: Finding AlexNet for time series classification", Data
Mining and Knowledge Discovery 34 (2020) 1936-1962. A module is as published: a bottleneck of one
tap; convolutions of 40, 20 and 10 taps on it; a max-pooling of three positions and a convolution
of one tap; all four side by side, batch normalisation and ReLU (of each branch by itself, which is
the same). So are the shortcut around three modules and the mean over all positions.

Smaller than published: eight filters a branch, not 32; three modules, not six; one network, not
five. A strided convolution and a max-pooling come before the modules, for a window of vibration is
long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.network import Graph, Layer
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled
from hwgen.zoo._stem import FILTERS, SHORTER, Stemmed, begun

_TAPS = 40, 20, 10
_SIDES = {taps: ((taps - 1) // 2, taps // 2) for taps in _TAPS}
"""Zeros on the left and on the right: a convolution keeps the length."""
_BRANCH = 8
"""Filters of a branch, and of the bottleneck."""
_MODULES = 3
_WIDTH = _BRANCH * (len(_TAPS) + 1)


@dataclass(frozen=True)
class Inception1d(Sampled):
    """Sizes: all are fixed but the window.

    Raises
    ------
    UsageError
        If the window is too short, too long, or none that the strides divide.
    """

    name: ClassVar[str] = "inception1d"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=30, mixed=45)
    shortest: ClassVar[int] = 256
    whole: ClassVar[int] = SHORTER

    @property
    def positions(self) -> int:
        """Of all modules."""
        return self.window // SHORTER

    def module(self, channels: int, classes: int, plan: Optimisation) -> Inception1dNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return Inception1dNet(channels, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, stem, modules with their shortcut, the mean and a dense layer."""
        wiring = Wiring(state)
        first = y = begun(wiring)
        for k in range(1, _MODULES + 1):
            y = _module(wiring, f"module{k}", y)
        skip = wiring.norm("skip_bn", wiring.conv("skip", first))
        y = wiring.relu("relu", wiring.sum("add", y, skip))
        y = wiring.add(AvgPool1d("mean", self.positions), y)
        return wiring.classified(wiring.dense("fc", y))


def _module(wiring: Wiring, name: str, source: str) -> str:
    """Add the nodes of an `_Inception`."""
    narrow = wiring.conv(f"{name}.bottleneck", source)
    branches = {
        f"{name}.conv{taps}": wiring.conv(f"{name}.conv{taps}", narrow, padding=left, right=right)
        for taps, (left, right) in _SIDES.items()
    }
    pooled = wiring.add(MaxPool1d(f"{name}_pool", 3, 1, 1), source)
    branches[f"{name}.pooled"] = wiring.conv(f"{name}.pooled", pooled)
    ends = [wiring.relu(f"{key}_relu", wiring.norm(f"{key}_bn", y)) for key, y in branches.items()]
    return wiring.concat(f"{name}.concat", *ends)


class _Inception(nn.Module):
    """Three convolutions behind a bottleneck and one behind a pooling, side by side."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(inputs, _BRANCH, 1, bias=False)
        for taps in _TAPS:
            self.add_module(f"conv{taps}", nn.Conv1d(_BRANCH, _BRANCH, taps, bias=False))
            self.add_module(f"conv{taps}_bn", nn.BatchNorm1d(_BRANCH))
        self.pooled = nn.Conv1d(inputs, _BRANCH, 1, bias=False)
        self.pooled_bn = nn.BatchNorm1d(_BRANCH)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, branches, length)``."""
        narrow = self.bottleneck(x)
        branches = []
        for taps, sides in _SIDES.items():
            y = self.get_submodule(f"conv{taps}")(functional.pad(narrow, sides))
            branches.append(self.get_submodule(f"conv{taps}_bn")(y))
        branches.append(self.pooled_bn(self.pooled(functional.max_pool1d(x, 3, 1, 1))))
        return functional.relu(torch.cat(branches, dim=1))


class Inception1dNet(Stemmed):
    """Stem, three modules and a shortcut around them, the mean, and a dense layer.

    Parameters
    ----------
    channels
        Of the samples.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__(channels)
        for k in range(1, _MODULES + 1):
            self.add_module(f"module{k}", _Inception(FILTERS if k == 1 else _WIDTH))
        self.skip = nn.Conv1d(FILTERS, _WIDTH, 1, bias=False)
        self.skip_bn = nn.BatchNorm1d(_WIDTH)
        self.fc = nn.Linear(_WIDTH, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        first = y = self.begun(x)
        for k in range(1, _MODULES + 1):
            y = self.get_submodule(f"module{k}")(y)
        y = functional.relu(y + self.skip_bn(self.skip(first)))
        return self.fc(y.mean(dim=2))


DESIGN = Inception1d
