"""BearingPGA-Net: the published student network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.importers import network_from_state
from hwgen.importers.bearingpga.geometry import FullGeometry, positions
from hwgen.network import Graph, Layer
from hwgen.network.polynomial import Nodes
from hwgen.training.design import State
from hwgen.training.informed import Filters
from hwgen.training.recipe import RECIPES, Optimisation, Recipe
from hwgen.zoo import teacher
from hwgen.zoo._fronts import BinFilter, Frontable, check_front, nodes_over_bins
from hwgen.zoo._spectrum import spectrum

_MAX_WIDTH = 4096


@dataclass(frozen=True)
class BearingPGA(Frontable):
    """Sizes of the network; the defaults are the published ones.

    Parameters
    ----------
    window
        Samples, a power of two.
    filters, kernel, stride
        Of the convolution over the spectrum.
    padding
        Zeros on either side; None for ``(kernel - stride) / 2``, which keeps
        ``window / 2 / stride`` positions.
    pool
        Positions a max-pool takes together.
    hidden
        Neurons of a dense layer before the last; None for no such layer.
    front
        ``"filter"``: a gain of each bin of its spectrum; None: nothing.

    Raises
    ------
    UsageError
        If the sizes do not make a network, naming the option.
    """

    name: ClassVar[str] = "bearingpga"
    recipes: ClassVar[Mapping[str, Recipe]] = RECIPES
    fronts: ClassVar[tuple[str, ...]] = ("filter",)
    filters: int = 4
    kernel: int = 64
    stride: int = 8
    padding: int | None = None
    pool: int = 2
    hidden: int | None = None
    front: str | None = None

    def __post_init__(self) -> None:
        for name in ("filters", "kernel", "hidden"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= _MAX_WIDTH:
                raise UsageError(f"--{name} must be from 1 to {_MAX_WIDTH}, not {value}")
        check_front(
            self,
            ": on chip its spectrum is made of the samples themselves; to filter these, train "
            "a network that reads them, such as wdcnn",
        )
        geometry = self.geometry
        geometry.given()
        if geometry.padding >= self.kernel:
            raise UsageError(
                f"--padding must be less than the kernel ({self.kernel}), not {geometry.padding}"
            )
        if self.positions < 1:
            raise UsageError(
                f"--window must be large enough for {self.kernel} taps, stride {self.stride}, "
                f"padding {geometry.padding} and pool {self.pool}, not {self.window}"
            )

    @property
    def geometry(self) -> FullGeometry:
        """What the tensors do not say, with the padding decided."""
        padding = self.padding
        if padding is None:
            if self.kernel < self.stride or (self.kernel - self.stride) % 2:
                raise UsageError(
                    f"--padding must be given for {self.kernel} taps at stride {self.stride}: "
                    "half their difference is no padding"
                )
            padding = (self.kernel - self.stride) // 2
        return FullGeometry(self.stride, padding, self.pool, self.window)

    @property
    def positions(self) -> int:
        """Positions of a filter after pooling."""
        g = self.geometry
        return positions(g.window // 2, self.kernel, g.stride, g.padding, g.pool)

    def new_front(self) -> Filters:
        """Return new gains of bins."""
        return Filters(None, BinFilter(self.window))

    def front_nodes(self, state: State, source: str) -> Nodes:
        """Return the nodes of trained gains behind the spectrum `source`."""
        return nodes_over_bins(state, source)

    def module(self, channels: int, classes: int, plan: Optimisation) -> BearingPGANet:
        """Return a new student."""
        del channels  # one
        return BearingPGANet(self, classes, unit_inputs=plan.unit_inputs)

    def guide(self, channels: int, classes: int) -> nn.Module:
        """Return the published teacher."""
        del channels  # one
        return teacher.TeacherNet(self.window, classes)

    def graph(self, state: State) -> Graph[Layer]:
        """Return spectrum, convolution with ReLU, max-pool, and one or two dense layers."""
        return network_from_state(dict(state), self.geometry.given()).graph


class BearingPGANet(nn.Module):
    """Spectrum, convolution, ReLU, max-pool, and one or two dense layers.

    The names of the parameters are the published ones: `conv1`, `fc1`, and `fc2` where there is
    a hidden layer.

    Parameters
    ----------
    design
        Its sizes.
    classes
        Number of logits.
    unit_inputs
        Whether the convolution starts as if its inputs were about 1, as the published one does
        not.
    """

    def __init__(self, design: BearingPGA, classes: int, *, unit_inputs: bool = True) -> None:
        super().__init__()
        self.design = a = design
        self.conv1 = nn.Conv1d(1, a.filters, a.kernel, a.stride, a.geometry.padding)
        inputs = a.filters * a.positions
        self.fc1 = nn.Linear(inputs, a.hidden or classes)
        self.fc2 = nn.Linear(a.hidden, classes) if a.hidden else None
        # A window of RMS 1 has bins of about 1 / sqrt(window): bring them back to about 1.
        self.input_gain = math.sqrt(a.window) if unit_inputs else 1.0
        """Size of the convolution's weights relative to a layer whose inputs are about 1."""
        with torch.no_grad():
            self.conv1.weight *= self.input_gain

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits ``(n, classes)`` of scaled windows ``(n, window)``."""
        y = functional.relu(self.conv1(spectrum(x)))
        y = functional.max_pool1d(y, self.design.pool).flatten(1)
        y = self.fc1(y)
        return y if self.fc2 is None else self.fc2(functional.relu(y))


DESIGN = BearingPGA
