"""One run of training: the optimiser's loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hwgen.training.architecture import Architecture
from hwgen.training.augment import Augment
from hwgen.training.losses import Loss
from hwgen.training.model import BearingPGANet
from hwgen.training.pieces import Pieces

STEPS, BATCH = 100, 128
"""An epoch: this many batches of this many fresh windows."""
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-2
WARM_UP = 0.05
"""Share of the steps over which the learning rate rises; after that it falls as a cosine."""

Progress = Callable[[int, int, float], None]
"""Called after each epoch with its number from 1, the number of epochs, and the mean loss."""


@dataclass(frozen=True)
class Recipe:
    """What a run does besides the data and the seed."""

    architecture: Architecture
    augment: Augment
    loss: Loss
    epochs: int


def fit(pieces: Pieces, recipe: Recipe, seed: int, progress: Progress | None) -> BearingPGANet:
    """Return a network trained on class-balanced batches of fresh, varied windows.

    Parameters
    ----------
    pieces
        Scaled windows.
    seed
        Of initial weights, windows, noise and gain.
    """
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    classes = len(pieces.counts)
    with torch.random.fork_rng(devices=[]):  # the layers' initial values; torch's own is kept
        torch.manual_seed(seed)
        model = BearingPGANet(recipe.architecture, classes)
    optimizer = _optimizer(model)
    total = recipe.epochs * STEPS
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: learning_rate(k / total))
    for epoch in range(recipe.epochs):
        losses = []
        for step in range(STEPS):
            # Equally many of each class; where there are more classes than places, in turn.
            labels = (np.arange(BATCH) + (epoch * STEPS + step) * BATCH) % classes
            x, power = (torch.from_numpy(a) for a in pieces.random(labels, rng))
            x = recipe.augment(x, power, generator)
            value = recipe.loss(model(x), torch.from_numpy(labels))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            losses.append(value.item())
        if progress:
            progress(epoch + 1, recipe.epochs, float(np.mean(losses)))
    return model


def learning_rate(done: float) -> float:
    """Return the learning rate, relative to its peak, when a share `done` of the run is over."""
    return min(1.0, (done + 1e-3) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))


def _optimizer(model: BearingPGANet) -> torch.optim.Optimizer:
    """Return AdamW whose steps suit the size of each parameter.

    Adam's steps do not depend on the gradient's size, so the convolution, whose weights are
    larger by the input gain, needs steps larger by as much.
    """
    conv = model.conv1.weight
    rest = [parameter for parameter in model.parameters() if parameter is not conv]
    groups: list[dict[str, Any]] = [
        {"params": [conv], "lr": LEARNING_RATE * model.input_gain, "weight_decay": 0.0},
        {"params": rest},
    ]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
