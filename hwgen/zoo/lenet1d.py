"""LeNet in one dimension: two convolutions of five taps, three dense layers, 3,400 weights.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proc. IEEE 86(11), 1998, as Z. Zhao, T. Li, J. Wu, C. Sun, S. Wang, R. Yan, X. Chen
have it for vibration in "Deep learning algorithms for rotating machinery intelligent diagnosis: An
open source benchmark study", ISA Transactions 107 (2020) 224-255.

Theirs pools the second convolution into five groups that share positions where five does not
divide their number. Here the groups are of equal size and next to each other; a rest of up to four
positions at the window's end is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.network import Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import Sampled, channelled

_FILTERS = 6, 16
_TAPS = 5
_GROUPS = 5
"""That the second convolution's positions are pooled into."""
_HIDDEN = 30, 10


@dataclass(frozen=True)
class Lenet1d(Sampled):
    """Sizes: all are fixed but the window.

    Raises
    ------
    UsageError
        If the window is too short or too long.
    """

    name: ClassVar[str] = "lenet1d"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=60, mixed=90)
    shortest: ClassVar[int] = 64
    """A group then has five positions or more."""

    @property
    def group(self) -> int:
        """Positions of the second convolution that are pooled together."""
        pooled = (self.window - _TAPS + 1) // 2
        return (pooled - _TAPS + 1) // _GROUPS

    def module(self, channels: int, classes: int, plan: Optimisation) -> Lenet1dNet:
        """Return a new module."""
        del plan  # nothing of it is the network's
        return Lenet1dNet(channels, self.group, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, two convolutions with ReLU and pooling, and three dense layers."""
        wiring = Wiring(state)
        y = wiring.relu("relu1", wiring.conv("conv1", wiring.add(Direct("direct"))))
        y = wiring.add(MaxPool1d("pool1", 2), y)
        y = wiring.relu("relu2", wiring.conv("conv2", y))
        y = wiring.add(MaxPool1d("pool2", self.group), y)
        y = wiring.relu("fc1.relu", wiring.dense("fc1", y))
        y = wiring.relu("fc2.relu", wiring.dense("fc2", y))
        return wiring.classified(wiring.dense("fc3", y))


class Lenet1dNet(nn.Module):
    """Two convolutions with ReLU and max-pool, and three dense layers.

    Parameters
    ----------
    channels
        Of the samples.
    group
        Positions of the second convolution that are pooled together.
    classes
        Number of logits.
    """

    def __init__(self, channels: int, group: int, classes: int) -> None:
        super().__init__()
        self.group = group
        self.conv1 = nn.Conv1d(channels, _FILTERS[0], _TAPS)
        self.conv2 = nn.Conv1d(*_FILTERS, _TAPS)
        self.fc1 = nn.Linear(_FILTERS[1] * _GROUPS, _HIDDEN[0])
        self.fc2 = nn.Linear(*_HIDDEN)
        self.fc3 = nn.Linear(_HIDDEN[1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, [channels,] window)``."""
        y = functional.max_pool1d(functional.relu(self.conv1(channelled(x))), 2)
        y = functional.max_pool1d(functional.relu(self.conv2(y)), self.group)
        y = functional.relu(self.fc1(y.flatten(1)))
        return self.fc3(functional.relu(self.fc2(y)))


DESIGN = Lenet1d
