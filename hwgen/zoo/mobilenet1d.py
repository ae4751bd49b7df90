"""MobileNet in one dimension: a filter of its own for each channel, then sums over channels.

A. Howard and others, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications", arXiv:1704.04861, 2017: a convolution of three taps is taken apart into one for each
channel by itself (depthwise) and one of a single tap over all channels (pointwise), with batch
normalisation and ReLU behind both, and the mean over all positions at the end. Theirs has 32 to
1,024 channels and thirteen such blocks; here there are 16 to 96 channels and five, so that the
weights fit the block RAM of a small chip. The first kernel is wide, as vibration wants it, and is
followed by a max-pooling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.network import Graph, Layer
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled
from hwgen.zoo._stem import FILTERS, SHORTER, Stemmed, begun

_BLOCKS = ((32, 1), (64, 2), (64, 1), (96, 2), (96, 1))
"""Channels that a block gives, and its stride."""
_TAPS = 3
_WHOLE = SHORTER * 4
"""A window is a multiple of so many samples: every stride and pooling then comes out even."""


@dataclass(frozen=True)
class Mobilenet1d(Sampled):
    """Sizes: all are fixed but the window.

    Raises
    ------
    UsageError
        If the window is none that the strides divide.
    """

    name: ClassVar[str] = "mobilenet1d"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    shortest: ClassVar[int] = _WHOLE
    whole: ClassVar[int] = _WHOLE

    @property
    def positions(self) -> int:
        """Over which the last mean is taken."""
        return self.window // _WHOLE

    def module(self, channels: int, classes: int, plan: Optimisation) -> Mobilenet1dNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return Mobilenet1dNet(channels, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, stem, separable blocks, the mean over positions and a dense layer."""
        wiring = Wiring(state)
        y, inputs = begun(wiring), FILTERS
        for k, (outputs, stride) in enumerate(_BLOCKS, 1):
            deep, point = f"block{k}.depthwise", f"block{k}.pointwise"
            y = wiring.conv(deep, y, stride=stride, padding=_TAPS // 2, groups=inputs)
            y = wiring.relu(f"{deep}_relu", wiring.norm(f"{deep}_bn", y))
            y = wiring.relu(f"{point}_relu", wiring.norm(f"{point}_bn", wiring.conv(point, y)))
            inputs = outputs
        y = wiring.add(AvgPool1d("mean", self.positions), y)
        return wiring.classified(wiring.dense("fc", y))


class _Separable(nn.Module):
    """A convolution taken apart: along positions, then over channels."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        sizes = _TAPS, stride, _TAPS // 2
        self.depthwise = nn.Conv1d(inputs, inputs, *sizes, groups=inputs, bias=False)
        self.depthwise_bn = nn.BatchNorm1d(inputs)
        self.pointwise = nn.Conv1d(inputs, outputs, 1, bias=False)
        self.pointwise_bn = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, outputs, length / stride)``."""
        y = functional.relu(self.depthwise_bn(self.depthwise(x)))
        return functional.relu(self.pointwise_bn(self.pointwise(y)))


class Mobilenet1dNet(Stemmed):
    """Stem, separable blocks, the mean over all positions, and a dense layer.

    Parameters
    ----------
    channels
        Of the samples.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__(channels)
        inputs = FILTERS
        for k, (outputs, stride) in enumerate(_BLOCKS, 1):
            self.add_module(f"block{k}", _Separable(inputs, outputs, stride))
            inputs = outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = self.begun(x)
        for k in range(1, len(_BLOCKS) + 1):
            y = self.get_submodule(f"block{k}")(y)
        return self.fc(y.mean(dim=2))


DESIGN = Mobilenet1d
