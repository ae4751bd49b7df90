"""TCN: causal convolutions whose reach doubles from block to block, and the last position's answer.

S. Bai, J. Z. Kolter, V. Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent
Networks for Sequence Modeling", arXiv:1803.01271, 2018. A block is as published: two causal
convolutions of one dilation with weight normalisation, ReLU and drop-out, and its input added.
There are as many blocks as the last position needs to see the whole window. The weights are
multiplied out when training is over; no normalisation is left. Of the last block the graph has only
what the last position needs.

Before the blocks a causal convolution of stride 8 makes positions of samples, which the paper has
not: at 12 kHz and more a sample is a small step. It has as many filters as the blocks: 16, where
the paper's tasks have 25 and more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from hwgen.network import Floats, Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.slice import Slice
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled, channelled

_FILTERS = 16
_STEM = 64, 8
"""Taps and stride."""
_TAPS = 3
_DROPOUT = 0.05


@dataclass(frozen=True)
class Tcn(Sampled):
    """Sizes: all follow from the window.

    Raises
    ------
    UsageError
        If the window is too short, too long, or not a multiple of the stride.
    """

    name: ClassVar[str] = "tcn"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=30, mixed=45)
    shortest: ClassVar[int] = 128
    whole: ClassVar[int] = _STEM[1]

    @property
    def blocks(self) -> int:
        """As many as let the last position see the whole window."""
        taps, stride = _STEM
        count = 1
        while taps + stride * _reach(count) < self.window:
            count += 1
        return count

    def module(self, channels: int, classes: int, plan: Optimisation) -> TcnNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return TcnNet(channels, self.blocks, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, stem, causal blocks, the last position and a dense layer."""
        wiring = Wiring(_multiplied(state))
        taps, stride = _STEM
        y = wiring.add(Direct("direct"))
        y = wiring.conv("stem", y, stride=stride, padding=taps - stride, right=0)
        y = wiring.relu("stem.relu", y)
        before, length = self.blocks - 1, self.window // stride
        for k in range(before):
            y = _residual(wiring, f"block{k + 1}", y, 1 << k)
        y = _last(wiring, f"block{self.blocks}", y, 1 << before, length)
        return wiring.classified(wiring.dense("fc", y))


def _reach(blocks: int) -> int:
    """Return how many positions before its own one behind so many blocks sees."""
    return 2 * (_TAPS - 1) * ((1 << blocks) - 1)


def _multiplied(state: State) -> dict[str, Floats]:
    """Return the tensors with weights in the place of their lengths and directions."""
    length, direction = (f".parametrizations.weight.original{k}" for k in range(2))
    plain = {key: value for key, value in state.items() if ".parametrizations." not in key}
    for key, value in state.items():
        if key.endswith(direction):
            name = key.removesuffix(direction)
            norm = np.sqrt((value**2).sum(axis=(1, 2), keepdims=True))
            plain[f"{name}.weight"] = state[f"{name}{length}"] * value / norm
    return plain


def _residual(wiring: Wiring, block: str, source: str, dilation: int) -> str:
    """Add the nodes of a `_Residual`."""
    before = (_TAPS - 1) * dilation
    y = _convolved(wiring, block, source, dilation, before)
    return wiring.relu(f"{block}.relu", wiring.sum(f"{block}.add", y, source))


def _last(wiring: Wiring, block: str, source: str, dilation: int, length: int) -> str:
    """Add the nodes of a `_Residual` for the last of its `length` positions: what that needs."""
    seen = 2 * (_TAPS - 1) * dilation + 1
    end = wiring.add(Slice(f"{block}_seen", "positions", length - seen, seen), source)
    y = _convolved(wiring, block, end, dilation, 0)
    skip = wiring.add(Slice(f"{block}_last", "positions", seen - 1, 1), end)
    return wiring.relu(f"{block}.relu", wiring.sum(f"{block}.add", y, skip))


def _convolved(wiring: Wiring, block: str, y: str, dilation: int, before: int) -> str:
    """Add the two convolutions with ReLU of a block, `before` zeros before each."""
    for k in (1, 2):
        y = wiring.conv(f"{block}.conv{k}", y, padding=before, right=0, dilation=dilation)
        y = wiring.relu(f"{block}.relu{k}", y)
    return y


class _Residual(nn.Module):
    """Two causal convolutions of one dilation, to which the input is added."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.before = (_TAPS - 1) * dilation
        for k in (1, 2):
            conv = nn.Conv1d(_FILTERS, _FILTERS, _TAPS, dilation=dilation)
            # Small beside the input that is added, as the published ones.
            nn.init.normal_(conv.weight, 0, 0.1)
            self.add_module(f"conv{k}", weight_norm(conv))
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, filters, length)``."""
        y = x
        for k in (1, 2):
            y = self.get_submodule(f"conv{k}")(functional.pad(y, (self.before, 0)))
            y = self.dropout(functional.relu(y))
        return functional.relu(y + x)


class TcnNet(nn.Module):
    """Stem, causal residual blocks, and a dense layer on the last position.

    Parameters
    ----------
    channels
        Of the samples.
    blocks
        With dilations 1, 2, 4 and so on.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, blocks: int, classes: int) -> None:
        super().__init__()
        taps, stride = _STEM
        self.before = taps - stride
        self.stem = nn.Conv1d(channels, _FILTERS, taps, stride)
        self.blocks = blocks
        for k in range(blocks):
            self.add_module(f"block{k + 1}", _Residual(1 << k))
        self.fc = nn.Linear(_FILTERS, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = functional.relu(self.stem(functional.pad(channelled(x), (self.before, 0))))
        for k in range(1, self.blocks + 1):
            y = self.get_submodule(f"block{k}")(y)
        return self.fc(y[:, :, -1])


DESIGN = Tcn
