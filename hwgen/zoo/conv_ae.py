"""CONV-AE: an autoencoder of strided convolutions on samples.

Down by convolutions of stride 4, up by convolutions with four times the channels whose numbers are
then cut as four times the positions (sub-pixel convolution: W. Shi et al., CVPR 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import Graph, Layer
from hwgen.network.network import sample_shape
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.reshape import Reshape
from hwgen.training.autoencoder import Autoencoder, Reconstructing
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _anomaly_recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import LONGEST, channelled

_STEP = 4
"""Positions that each layer takes together, or makes of one."""
_DOWN = ((16, 16, 6), (16, 8, 2), (8, 4, 0))
"""Filters, taps and padding of the convolutions of stride `_STEP`."""
_UP = (16, 16)
"""Channels between the convolutions that make more positions."""
_TAPS, _PADDING = 3, 1
"""Of those."""
_WHOLE = _STEP ** len(_DOWN)


class ConvAeNet(Reconstructing):
    """Three convolutions down and three up, batch normalisation and ReLU between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inputs = channels
        for k, (filters, taps, padding) in enumerate(_DOWN, 1):
            self.add_module(f"down{k}", nn.Conv1d(inputs, filters, taps, _STEP, padding))
            self.add_module(f"down_bn{k}", nn.BatchNorm1d(filters))
            inputs = filters
        for k, filters in enumerate((*_UP, channels), 1):
            made = nn.Conv1d(inputs, _STEP * filters, _TAPS, 1, _PADDING)
            self.add_module(f"up{k}", made)
            if k <= len(_UP):
                self.add_module(f"up_bn{k}", nn.BatchNorm1d(_STEP * filters))
            inputs = filters

    def given(self, x: Tensor) -> Tensor:
        """Return samples as the last convolution makes them: ``(n, 4 channels, length / 4)``."""
        return cut(channelled(x), channelled(x).shape[1] * _STEP)

    def made(self, given: Tensor) -> Tensor:
        """Return the reconstruction, of the same shape."""
        y = cut(given, given.shape[1] // _STEP)
        for k in range(1, len(_DOWN) + 1):
            y = functional.relu(
                self.get_submodule(f"down_bn{k}")(self.get_submodule(f"down{k}")(y))
            )
        for k, filters in enumerate(_UP, 1):
            y = cut(self._block("up", k, y), filters)
        made: Tensor = self.get_submodule(f"up{len(_UP) + 1}")(y)
        return made

    def _block(self, way: str, number: int, x: Tensor) -> Tensor:
        y = self.get_submodule(f"{way}{number}")(x)
        return functional.relu(self.get_submodule(f"{way}_bn{number}")(y))


def cut(x: Tensor, channels: int) -> Tensor:
    """Return ``(n, channels, positions)`` cut anew, as `hwgen.network.ops.reshape` has it."""
    return x.transpose(1, 2).reshape(len(x), -1, channels).transpose(1, 2)


@dataclass(frozen=True)
class ConvAe(Autoencoder):
    """Sizes.

    Parameters
    ----------
    window
        Samples, a multiple of 64.
    prepare
        As of `hwgen.network.ops.normalise.METHODS`: how each window is normalised by itself.

    Raises
    ------
    UsageError
        If there is no such window.
    """

    name: ClassVar[str] = "conv-ae"
    recipes: ClassVar[Mapping[str, Recipe]] = _anomaly_recipes.SAMPLES
    most_channels: ClassVar[int | None] = None
    window: int = 1024
    prepare: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.window <= LONGEST or self.window % _WHOLE:
            raise UsageError(
                f"--window of conv-ae must be a multiple of {_WHOLE} samples up to {LONGEST}, "
                f"not {self.window}"
            )

    def module(self, channels: int, classes: int, plan: Optimisation) -> ConvAeNet:
        """Return a new module."""
        del classes, plan  # it knows healthy ones only; nothing of the plan is the network's
        return ConvAeNet(channels)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, convolutions down and up, and score."""
        wiring = Wiring(state)
        channels = state["down1.weight"].shape[1]
        y = direct = wiring.add(Direct("direct"))
        for k, (_, _, padding) in enumerate(_DOWN, 1):
            y = wiring.conv(f"down{k}", y, stride=_STEP, padding=padding)
            y = wiring.relu(f"down_relu{k}", wiring.norm(f"down_bn{k}", y))
        for k, filters in enumerate(_UP, 1):
            y = wiring.norm(f"up_bn{k}", wiring.conv(f"up{k}", y, padding=_PADDING))
            y = wiring.add(Reshape(f"up_cut{k}", filters), wiring.relu(f"up_relu{k}", y))
        made = wiring.conv(f"up{len(_UP) + 1}", y, padding=_PADDING)
        # The samples are cut as the reconstruction is, not the other way: of it there is no need.
        given = wiring.add(Reshape("direct_cut", _STEP * channels), direct)
        return wiring.scored(made, given, sample_shape(channels, self.window))


DESIGN = ConvAe
