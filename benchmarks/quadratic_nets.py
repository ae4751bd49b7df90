"""The two families of networks of growing size, conventional and quadratic, and rings of points."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import hwgen
from hwgen.importers import Windows
from hwgen.network import Network
from hwgen.training.optimiser import Stepper
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.zoo import _recipes
from hwgen.zoo._quadratic import QuadraticLinear
from hwgen.zoo._wide_first import Blocks, WideFirst, WideFirstNet
from hwgen.zoo.qcnn import QuadraticNet

EPOCHS = 8
"""Of a convolutional network: few, so that three trainings of each take minutes."""
POINTS = 2000
"""Of the rings, to train on; as many others to test on."""
NOISE, FACTOR = 0.03, 0.7
"""Deviation of each coordinate, and the inner ring's radius; the outer one's is 1."""
RINGS = "inner", "outer"
"""The two classes."""

_RINGS_SEED = 1
_CALIBRATION = 600
RELINEAR = 0.1
"""Share of the learning rate that quadratic terms have in the convolutional networks."""
MLP = Optimisation(epochs=50, batch=64, learning_rate=1e-2, weight_decay=0.0)
"""How a network on the rings is trained: all its terms at one rate."""


@dataclass(frozen=True)
class Small(WideFirst):
    """A wide first kernel and three small ones, as many filters in each, two dense layers.

    Parameters
    ----------
    filters
        Of each convolution.
    """

    name: ClassVar[str] = "small"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(epochs=EPOCHS, mixed=EPOCHS)
    shortest: ClassVar[int] = 1024
    hidden: ClassVar[int] = 16
    filters: int = 8

    @property
    def blocks(self) -> Blocks:  # type: ignore[override]
        """Filters, taps, stride and padding of each."""
        return ((self.filters, 64, 16, 24), *[(self.filters, 3, 1, 1)] * 3)


@dataclass(frozen=True)
class SmallQuadratic(Small):
    """The same of quadratic neurons in all convolutions."""

    name: ClassVar[str] = "small-quadratic"
    recipes: ClassVar[Mapping[str, Recipe]] = _recipes.usual(
        epochs=EPOCHS, mixed=EPOCHS, relinear=RELINEAR
    )
    net: ClassVar[type[WideFirstNet]] = QuadraticNet
    quadratic: ClassVar[bool] = True


def small(filters: int, *, quadratic: bool) -> Small:
    """Return the design of a convolutional network of either family."""
    return (SmallQuadratic if quadratic else Small)(filters=filters)


def mlp(dimensions: int, width: int, *, quadratic: bool) -> nn.Sequential:
    """Return a new network: a hidden layer of either kind, ReLU, and a conventional dense layer."""
    kind: Callable[[int, int], nn.Module] = QuadraticLinear if quadratic else nn.Linear
    return nn.Sequential(kind(dimensions, width), nn.ReLU(), nn.Linear(width, len(RINGS)))


def rings(dimensions: int, count: int, seed: int) -> Windows:
    """Return points on two spheres about 0, half on each, with noise; class 1 is the outer one.

    Parameters
    ----------
    dimensions
        2: circles.
    count
        Of points.
    seed
        Of all of them.
    """
    rng = np.random.default_rng([seed, dimensions])
    labels = np.arange(count) % len(RINGS)
    x = rng.normal(size=(count, dimensions))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    x *= np.where(labels == 1, 1.0, FACTOR)[:, None]
    x += rng.normal(scale=NOISE, size=x.shape)
    return Windows(x.astype(np.float32), labels, "circles" if dimensions == 2 else "hyper-circles")


def fitted(module: nn.Module, data: Windows, seed: int, plan: Optimisation = MLP) -> None:
    """Train a module in place, by cross-entropy."""
    x, labels = torch.from_numpy(data.x.copy()), torch.from_numpy(data.labels.copy())
    rng = np.random.default_rng(seed)
    steps = len(x) // plan.batch
    stepper = Stepper(module, plan, plan.epochs * steps)
    for number in range(plan.epochs * steps):
        if number % steps == 0:
            order = torch.from_numpy(rng.permutation(len(x)))
        chosen = order[number % steps * plan.batch :][: plan.batch]
        functional.cross_entropy(module(x[chosen]), labels[chosen]).backward()
        stepper.step(number)


def ring_network(
    dimensions: int, width: int, seed: int, *, quadratic: bool, plan: Optimisation = MLP
) -> tuple[Network, Windows, Windows]:
    """Train on rings; return the network as `hwgen.from_torch` takes it, and its windows.

    Returns
    -------
    The network, points for calibration and points for the test.
    """
    train = rings(dimensions, POINTS, _RINGS_SEED)
    test = rings(dimensions, POINTS, _RINGS_SEED + 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = mlp(dimensions, width, quadratic=quadratic)
    fitted(module, train, seed, plan)
    # The softmax says that the output is a class; on chip it is left out.
    whole = nn.Sequential(module, nn.Softmax(1))
    network = hwgen.from_torch(whole, torch.from_numpy(train.x[:1].copy())).network
    network = dataclasses.replace(network, classes=RINGS, input_scale=1.0)
    some = Windows(train.x[:_CALIBRATION], train.labels[:_CALIBRATION], train.name)
    return network, some, test
