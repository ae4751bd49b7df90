"""Autoencoders of dense layers on features, in branches of quadratic and of linear neurons.

J.-X. Liao, B.-J. Hou, H.-C. Dong, H. Zhang, X. Zhang, J. Sun, S. Zhang, F.-L. Fan, "Heterogeneous
Autoencoder Empowered by Quadratic Neurons" (arXiv:2204.01707): d features, d / 2, d / 4 and back.
Names of layers are the published ones; ``encq1`` is quadratic, ``enc1`` is linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.errors import UsageError
from hwgen.network import Graph, Layer
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.spectrum import MAX_WINDOW, MIN_WINDOW, Spectrum
from hwgen.network.ops.table import Table
from hwgen.training.autoencoder import Autoencoder, Reconstructing, check_widths
from hwgen.training.design import State
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _anomaly_recipes
from hwgen.zoo._graph import Wiring
from hwgen.zoo._quadratic import QuadraticLinear
from hwgen.zoo._spectrum import spectrum
from hwgen.zoo._standard import Standard, standardised

FEATURES = ("spectrum", "values")
"""What a window gives: the bins of its spectrum, or its numbers as they are."""

_FEWEST, _MOST = 4, 1 << 12
"""Features."""
_SPECTRAL = 32
"""Samples from which on a window has a spectrum, unless somebody says otherwise."""

_WIDE = 64
"""Features of values up to which layers are wider than them."""

_FLOOR = 0.1
"""Of bins: share of the root mean square of all that no bin's deviation is below. The transform
rounds to some 5 % of it, where a healthy machine uses a hundredth of the sensor's full scale."""

Branches = tuple[tuple[str, str], ...]
"""Of an encoder or a decoder: the neurons of its two layers, q or l each, branch by branch."""


def layer_key(half: str, kind: str, number: int) -> str:
    """Return the published name of a layer: ``encq1`` of enc, q and 1."""
    return f"{half}{'q' if kind == 'q' else ''}{number}"


def norm_key(half: str, kind: str) -> str:
    """Return the published name of the normalisation behind a branch's first layer."""
    return f"bn{2 if half == 'enc' else 4}{1 if kind == 'q' else 2}"


def _sums(kind: str, inputs: int, outputs: int, *behind: int) -> nn.Module:
    """Return a layer of quadratic or linear neurons; what is `behind` it does not count."""
    del behind
    return QuadraticLinear(inputs, outputs) if kind == "q" else nn.Linear(inputs, outputs)


class FeatureNet(Reconstructing):
    """Features, their standard scores, and an encoder and a decoder of two layers each.

    Parameters
    ----------
    design
        Its sizes and branches.
    features
        d.
    plan
        Says how much is dropped in training, and whether the form is the published one: batch
        normalisations, and a sigmoid at the end.
    """

    def __init__(self, design: FeatureAutoencoder, features: int, plan: Optimisation) -> None:
        super().__init__()
        self._design, self._dropout, self._published = design, plan.dropout, plan.published_form
        self.standard = Standard(features, plan.limit)
        self.unit = 1 / (plan.limit or 1.0)
        hidden, code = design.sizes(features, published=plan.published_form)
        for half, branches, ends in (
            ("enc", design.encoder, (features, hidden, code)),
            ("dec", design.decoder, (code, hidden, features)),
        ):
            for branch in branches:
                for number, kind in enumerate(branch, 1):
                    self.add_module(layer_key(half, kind, number), _sums(kind, *ends[number - 1 :]))
                if self._published and design.normed(half):
                    self.add_module(norm_key(half, branch[0]), nn.BatchNorm1d(hidden))
        if self._published:
            self.bn1, self.bn3 = nn.BatchNorm1d(features), nn.BatchNorm1d(code)
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Let the layers at the ends begin as if a standard deviation were 1."""
        for half, number, gain in (("enc", 1, 1 / self.unit), ("dec", 2, self.unit)):
            for key, tensor in self.named_parameters():
                if key in {f"{half}{number}.weight", f"{half}q{number}.weight_r"}:
                    tensor.mul_(gain)

    def measure(self, x: Tensor) -> None:
        """Take the standard scores of healthy features."""
        floor = _FLOOR if self._design.spectral else 0.0
        self.standard.measure(self._design.features_of(x), floor)

    def given(self, x: Tensor) -> Tensor:
        """Return standard scores ``(n, features)``."""
        return self.standard(self._design.features_of(x))

    def made(self, given: Tensor) -> Tensor:
        """Return the reconstruction ``(n, features)``."""
        y = self._norm("bn1", given)
        code = functional.relu(self._half("enc", self._design.encoder, y))
        code = self._norm("bn3", self._dropped(code))
        y = self._half("dec", self._design.decoder, code)
        return self._dropped(torch.sigmoid(y)) if self._published else y

    def _half(self, half: str, branches: Branches, x: Tensor) -> Tensor:
        total = None
        for first, second in branches:
            y = functional.relu(self.get_submodule(layer_key(half, first, 1))(x))
            y = self._norm(norm_key(half, first), self._dropped(y))
            y = self.get_submodule(layer_key(half, second, 2))(y)
            total = y if total is None else total + y
        assert total is not None
        return total

    def _norm(self, key: str, x: Tensor) -> Tensor:
        norm = self._modules.get(key)
        return x if norm is None else norm(x)

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self._dropout, self.training)


@dataclass(frozen=True)
class FeatureAutoencoder(Autoencoder):
    """Sizes: those of the published networks follow from the features.

    Parameters
    ----------
    window
        Samples; of a spectrum a power of two.
    features
        One of `FEATURES`; None: a spectrum of windows of 32 samples or more, else the values.
    hidden, code
        Outputs of the first and of the second layer; None: a half and a quarter of the features,
        as published; but twice and once as many (up to 128 and 64) where they are values, unless
        the form is the published one.

    Raises
    ------
    UsageError
        If the sizes do not make a network, naming the option.
    """

    encoder: ClassVar[Branches]
    decoder: ClassVar[Branches]
    norms: ClassVar[tuple[str, ...]] = ("enc", "dec")
    """Halves that have batch normalisation between their layers in the published form."""
    recipes: ClassVar[Mapping[str, Recipe]] = _anomaly_recipes.FEATURES
    window: int = 1024
    features: str | None = None
    hidden: int | None = None
    code: int | None = None

    def __post_init__(self) -> None:
        if self.features not in (None, *FEATURES):
            raise UsageError(f"--features must be {' or '.join(FEATURES)}, not {self.features}")
        if self.spectral:
            power = self.window > 0 and not self.window & (self.window - 1)
            if not (power and MIN_WINDOW <= self.window <= min(MAX_WINDOW, 2 * _MOST)):
                raise UsageError(
                    f"--window of {self.name} must be a power of two from {MIN_WINDOW} to "
                    f"{2 * _MOST} samples, not {self.window}; or give --features values"
                )
        elif not _FEWEST <= self.window <= _MOST:
            raise UsageError(
                f"--window of {self.name} must be from {_FEWEST} to {_MOST} values, "
                f"not {self.window}"
            )
        check_widths(self.hidden, self.code, _MOST)

    @property
    def spectral(self) -> bool:
        """Whether features are bins of a spectrum."""
        return self.features == "spectrum" or (self.features is None and self.window >= _SPECTRAL)

    def recipe(self, name: str) -> Recipe:
        """Return a recipe for its features; `UsageError` if there is none of this name."""
        found = super().recipe(name)
        return found if self.spectral else _anomaly_recipes.VALUES[name]

    def normed(self, half: str) -> bool:
        """Return whether a half has batch normalisation within, in the published form."""
        return half in self.norms

    def sizes(self, features: int, *, published: bool = False) -> tuple[int, int]:
        """Return the outputs of the first and of the second layer."""
        hidden, code = max(1, features // 2), max(1, features // 4)
        if not self.spectral and not published:
            hidden = max(hidden, min(2 * features, 2 * _WIDE))
            code = max(code, min(features, _WIDE))
        return self.hidden or hidden, self.code or code

    def features_of(self, x: Tensor) -> Tensor:
        """Return the features ``(n, features)`` of scaled windows."""
        return spectrum(x)[:, 0] if self.spectral else x

    def module(self, channels: int, classes: int, plan: Optimisation) -> FeatureNet:
        """Return a new module."""
        del channels, classes  # one; it knows healthy ones only
        return FeatureNet(self, self.window // 2 if self.spectral else self.window, plan)

    def graph(self, state: State) -> Graph[Layer]:
        """Return features, standard scores, encoder, decoder and score."""
        return _FeatureGraph(self, state).graph()


class _FeatureGraph:
    """The graph of a `FeatureNet`, from its tensors."""

    def __init__(self, design: FeatureAutoencoder, state: State) -> None:
        self._design, self._state, self._wiring = design, state, Wiring(state)

    def graph(self) -> Graph[Layer]:
        """Return it."""
        design, wiring = self._design, self._wiring
        first = Spectrum("spectrum", design.window) if design.spectral else Direct("direct")
        given = standardised(wiring, "standard", wiring.add(first), self._state)
        code = self._half("enc", design.encoder, self._normed("bn1", given))
        code = self._normed("bn3", wiring.relu("code", code))
        made = self._half("dec", design.decoder, code)
        if self._published:
            made = wiring.add(Table("sigmoid", "sigmoid"), made)
        return wiring.scored(made, given, (design.window,))

    @property
    def _published(self) -> bool:
        return "bn1.weight" in self._state

    def _half(self, half: str, branches: Branches, source: str) -> str:
        ends = []
        for first, second in branches:
            key = layer_key(half, first, 1)
            hidden = self._wiring.relu(f"{key}_relu", self._dense(key, first, source))
            hidden = self._normed(norm_key(half, first), hidden)
            ends.append(self._dense(layer_key(half, second, 2), second, hidden))
        return ends[0] if len(ends) == 1 else self._wiring.sum(f"{half}_sum", *ends)

    def _dense(self, key: str, kind: str, source: str) -> str:
        add = self._wiring.quadratic_dense if kind == "q" else self._wiring.dense
        return add(key, source)

    def _normed(self, key: str, source: str) -> str:
        """Add a batch normalisation, where there is one, of a value of one position."""
        if f"{key}.weight" not in self._state:
            return source
        # Of flat values, one that several layers read could not be done.
        row = self._wiring.add(Reshape(f"{key}_row", len(self._state[f"{key}.weight"])), source)
        return self._wiring.norm(key, row)
