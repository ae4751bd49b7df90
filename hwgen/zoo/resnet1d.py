"""A small residual network on raw samples of one channel or several.

K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, in one
dimension: a wide first kernel, as vibration wants it, three blocks of two convolutions, of which
the later ones halve the length behind a shortcut of 1 tap, and the mean over all positions. Some
30,000 weights.
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

_BLOCKS = ((16, 1), (32, 2), (64, 2))
"""Filters and stride."""
_TAPS = 3
_WHOLE = SHORTER * 4
"""A window is a multiple of so many samples: every stride and pooling then comes out even."""


@dataclass(frozen=True)
class Resnet1d(Sampled):
    """Sizes: all are fixed but the window.

    Raises
    ------
    UsageError
        If the window is none that the strides divide.
    """

    name: ClassVar[str] = "resnet1d"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=40, mixed=60)
    shortest: ClassVar[int] = _WHOLE
    whole: ClassVar[int] = _WHOLE

    @property
    def positions(self) -> int:
        """Over which the last mean is taken."""
        return self.window // _WHOLE

    def module(self, channels: int, classes: int, plan: Optimisation) -> Resnet1dNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return Resnet1dNet(channels, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, stem, residual blocks, the mean over positions and a dense layer."""
        wiring = Wiring(state)
        y = begun(wiring)
        for k, (_, stride) in enumerate(_BLOCKS, 1):
            y = _residual(
                wiring, f"block{k}", y, stride, shorter=f"block{k}.skip_bn.weight" in state
            )
        y = wiring.add(AvgPool1d("mean", self.positions), y)
        return wiring.classified(wiring.dense("fc", y))


def _residual(wiring: Wiring, block: str, source: str, stride: int, *, shorter: bool) -> str:
    """Add the nodes of a `_Residual`."""
    y = wiring.conv(f"{block}.conv1", source, stride=stride, padding=_TAPS // 2)
    y = wiring.relu(f"{block}.relu1", wiring.norm(f"{block}.bn1", y))
    y = wiring.norm(f"{block}.bn2", wiring.conv(f"{block}.conv2", y, padding=_TAPS // 2))
    skip = source
    if shorter:
        skip = wiring.norm(f"{block}.skip_bn", wiring.conv(f"{block}.skip", source, stride=stride))
    return wiring.relu(f"{block}.relu2", wiring.sum(f"{block}.add", y, skip))


class _Residual(nn.Module):
    """Two convolutions, to which the input is added: as it is, or by a convolution of one tap."""

    def __init__(self, inputs: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, filters, _TAPS, stride, _TAPS // 2, bias=False)
        self.bn1 = nn.BatchNorm1d(filters)
        self.conv2 = nn.Conv1d(filters, filters, _TAPS, 1, _TAPS // 2, bias=False)
        self.bn2 = nn.BatchNorm1d(filters)
        shorter = stride > 1 or inputs != filters
        self.skip = nn.Conv1d(inputs, filters, 1, stride, bias=False) if shorter else None
        self.skip_bn = nn.BatchNorm1d(filters) if shorter else None

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, filters, length / stride)``."""
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.skip is not None and self.skip_bn is not None:
            x = self.skip_bn(self.skip(x))
        return functional.relu(y + x)


class Resnet1dNet(Stemmed):
    """Stem, residual blocks, the mean over all positions, and a dense layer.

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
        for k, (filters, stride) in enumerate(_BLOCKS, 1):
            self.add_module(f"block{k}", _Residual(inputs, filters, stride))
            inputs = filters
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = self.begun(x)
        for k in range(1, len(_BLOCKS) + 1):
            y = self.get_submodule(f"block{k}")(y)
        return self.fc(y.mean(dim=2))


DESIGN = Resnet1d
