"""The teacher of BearingPGA-Net: six blocks of one-dimensional convolutions behind the spectrum."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from hwgen.importers import Geometry
from hwgen.network import Graph, Layer
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.training.design import Design, State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._spectrum import spectrum

_CHANNELS = (16, 32, 64, 64, 64, 64)
_KERNEL, _STRIDE, _PADDING = 64, 8, 28
_HIDDEN = 48


class _Block(NamedTuple):
    """A convolution and what follows it; `length` is that of its result."""

    channels: int
    kernel: int
    stride: int
    padding: int
    pooled: bool
    length: int


def _blocks(window: int) -> Iterator[_Block]:
    """Yield the blocks; where a short window leaves too little, one does not pool."""
    length = window // 2
    for k, channels in enumerate(_CHANNELS, 1):
        kernel, stride, padding = (_KERNEL, _STRIDE, _PADDING) if k == 1 else (3, 1, 1)
        if k == len(_CHANNELS) and length >= 4:
            padding = 0
        length = (length + 2 * padding - kernel) // stride + 1
        pooled = length > 1
        length = length // 2 if pooled else length
        yield _Block(channels, kernel, stride, padding, pooled, length)


@dataclass(frozen=True)
class Teacher(Design):
    """Sizes: the published ones but for the window, on which the first dense layer depends.

    Raises
    ------
    UsageError
        If the window is none of a spectrum.
    """

    name: ClassVar[str] = "teacher"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=25, mixed=40)

    def __post_init__(self) -> None:
        Geometry(window=self.window)

    def module(self, channels: int, classes: int, plan: Optimisation) -> TeacherNet:
        """Return a new teacher."""
        del channels, plan  # one; nothing of it is the network's
        return TeacherNet(self.window, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return spectrum, six blocks with batch normalisation, and two dense layers."""
        wiring = Wiring(state)
        y = wiring.add(Spectrum("spectrum", self.window))
        for k, block in enumerate(_blocks(self.window), 1):
            y = wiring.conv(f"cnn.Conv1D_{k}", y, stride=block.stride, padding=block.padding)
            y = wiring.norm(f"cnn.BN_{k}", y)
            y = wiring.relu(f"cnn.ReLU_{k}", y)
            if block.pooled:
                y = wiring.add(MaxPool1d(f"cnn_MaxPool_{k}", 2), y)
        y = wiring.relu("fc1.relu", wiring.dense("fc1", y))
        return wiring.classified(wiring.dense("fc2", y))


class TeacherNet(nn.Module):
    """Spectrum, six blocks of convolution, batch norm, ReLU and max-pool, and two dense layers.

    The names of the parameters are the published ones: `cnn.Conv1D_k`, `cnn.BN_k` for k = 1..6,
    `fc1`, `fc2`. At windows other than 2,048 samples only the first dense layer's width differs;
    where a short window leaves too little for it, a block does not pool and the last one pads.

    Parameters
    ----------
    window
        Samples, 16 or more.
    classes
        Number of logits.
    """

    def __init__(self, window: int, classes: int) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        inputs = length = 1
        for k, block in enumerate(_blocks(window), 1):
            sizes = inputs, block.channels, block.kernel, block.stride, block.padding
            layers[f"Conv1D_{k}"] = nn.Conv1d(*sizes)
            layers[f"BN_{k}"] = nn.BatchNorm1d(block.channels)
            layers[f"ReLU_{k}"] = nn.ReLU()
            if block.pooled:
                layers[f"MaxPool_{k}"] = nn.MaxPool1d(2, 2)
            inputs, length = block.channels, block.length
        self.cnn = nn.Sequential(layers)
        self.fc1 = nn.Linear(inputs * length, _HIDDEN)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(_HIDDEN, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, window)``."""
        y = self.cnn(spectrum(x)).flatten(1)
        return self.fc2(self.dropout(functional.relu(self.fc1(y))))


DESIGN = Teacher
