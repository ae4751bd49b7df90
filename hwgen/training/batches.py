"""Where the windows of an epoch come from: always fresh ones, or a draw made once.

All that is random in an epoch follows from the seed and the epoch's number, so that a run can go
on from the end of any epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hwgen.signals import Dataset
from hwgen.training.augment import Augment
from hwgen.training.draws import draw_by_class
from hwgen.training.pieces import Pieces
from hwgen.training.replay import played
from hwgen.training.speed import STEADY, Speeds

PER_CLASS = 750
"""Windows of each class in the published draw for training."""
_HELD_OUT = 1 / 3


class Batches(Protocol):
    """Windows and labels, batch by batch."""

    @property
    def steps(self) -> int:
        """Batches an epoch."""

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of epoch `number` from 0.

        Each is scaled windows ``(n, [channels,] window)`` and labels ``(n,)``.
        """


@dataclass(frozen=True, eq=False)
class Fresh:
    """Class-balanced batches of windows from anywhere, each with its own noise and gain.

    Parameters
    ----------
    speeds
        Changes of speed, of which a batch has up to eight.
    """

    pieces: Pieces
    augment: Augment
    batch: int
    steps: int
    seed: int
    speeds: Speeds = STEADY

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of epoch `number`."""
        rng = np.random.default_rng([self.seed, number])
        generator = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        for step in range(number * self.steps, (number + 1) * self.steps):
            # Equally many of each class; where there are more classes than places, in turn.
            labels = (np.arange(self.batch) + step * self.batch) % len(self.pieces.counts)
            drawn = played(self.pieces, labels, rng, self.speeds)
            x, power = (torch.from_numpy(a) for a in drawn)
            yield self.augment(x, power, generator), torch.from_numpy(labels)


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same windows in every epoch, in another order.

    Parameters
    ----------
    x, labels
        ``(n, window)`` scaled, and ``(n,)``.
    """

    x: Tensor
    labels: Tensor
    batch: int
    seed: int

    @property
    def steps(self) -> int:
        """Batches an epoch, the last one being smaller if need be."""
        return -(-len(self.x) // self.batch)

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all windows once."""
        order = torch.from_numpy(
            np.random.default_rng([self.seed, number]).permutation(len(self.x))
        )
        for chosen in order.split(self.batch):
            yield self.x[chosen], self.labels[chosen]


@dataclass(frozen=True, eq=False)
class Held:
    """Drawn windows for training, and those held out: scaled, with their labels."""

    x: Tensor
    labels: Tensor
    held_x: Tensor
    held_labels: Tensor


def published_draw(noised: Dataset, window: int, scale: float, seed: int) -> Held:
    """Return the published draw of a training part with noise, a third of it held out."""
    rng = np.random.default_rng(seed)
    held = round(PER_CLASS * _HELD_OUT)
    x: list[npt.NDArray[np.float32]] = []
    for drawn, _ in draw_by_class(noised, window, PER_CLASS, rng):
        x.append((drawn * scale).astype(np.float32)[rng.permutation(PER_CLASS)])
    labels = torch.arange(len(x))
    return Held(
        torch.from_numpy(np.concatenate([part[held:] for part in x])),
        labels.repeat_interleave(PER_CLASS - held),
        torch.from_numpy(np.concatenate([part[:held] for part in x])),
        labels.repeat_interleave(held),
    )
