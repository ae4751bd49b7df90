"""MLP-AE: an autoencoder of dense layers on samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.training.autoencoder import Autoencoder, Reconstructing, check_widths
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _anomaly_recipes
from hwgen.zoo._graph import Wiring

_SHORTEST, _LONGEST = 16, 1 << 12
"""Samples of a window."""
_LAYERS = ("enc1", "enc2", "dec1", "dec2")


class MlpAeNet(Reconstructing):
    """Four dense layers, ReLU between them."""

    def __init__(self, window: int, hidden: int, code: int) -> None:
        super().__init__()
        ends = (window, hidden, code, hidden, window)
        for name, inputs, outputs in zip(_LAYERS, ends, ends[1:], strict=False):
            self.add_module(name, nn.Linear(inputs, outputs))

    def given(self, x: Tensor) -> Tensor:
        """Return the samples as they are."""
        return x

    def made(self, given: Tensor) -> Tensor:
        """Return the reconstruction ``(n, window)``."""
        y = given
        for name in _LAYERS:
            y = self.get_submodule(name)(y)
            y = y if name == _LAYERS[-1] else functional.relu(y)
        return y


@dataclass(frozen=True)
class MlpAe(Autoencoder):
    """Sizes.

    Parameters
    ----------
    window
        Samples.
    prepare
        As of `hwgen.network.ops.normalise.METHODS`: how each window is normalised by itself.
    hidden, code
        Outputs of the first and of the second layer; None: a quarter and a sixteenth of the
        window.

    Raises
    ------
    UsageError
        If the sizes do not make a network, naming the option.
    """

    name: ClassVar[str] = "mlp-ae"
    recipes: ClassVar[Mapping[str, Recipe]] = _anomaly_recipes.SAMPLES
    window: int = 1024
    prepare: str | None = None
    hidden: int | None = None
    code: int | None = None

    def __post_init__(self) -> None:
        if not _SHORTEST <= self.window <= _LONGEST:
            raise UsageError(
                f"--window of mlp-ae must be from {_SHORTEST} to {_LONGEST} samples, "
                f"not {self.window}"
            )
        check_widths(self.hidden, self.code, _LONGEST)

    def module(self, channels: int, classes: int, plan: Optimisation) -> MlpAeNet:
        """Return a new module."""
        del channels, classes, plan  # one; it knows healthy ones only; nothing is the network's
        window = self.window
        return MlpAeNet(window, self.hidden or window // 4, self.code or window // 16)

    def graph(self, state: State) -> Graph[Layer]:
        """Return samples, four dense layers and score."""
        wiring = Wiring(state)
        y = given = wiring.add(Direct("direct"))
        for name in _LAYERS:
            y = wiring.dense(name, y)
            y = y if name == _LAYERS[-1] else wiring.relu(f"{name}.relu", y)
        return wiring.scored(y, given, (self.window,))


DESIGN = MlpAe
