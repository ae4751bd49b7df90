"""Where fine-tuning gets labelled windows in g from: recordings, or windows that were kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from hwgen.network import Floats
from hwgen.training.augment import Augment
from hwgen.training.pieces import Pieces
from hwgen.training.replay import played
from hwgen.training.speed import STEADY, Speeds

Labels = npt.NDArray[np.int64]


class Source(Protocol):
    """Gives as many windows as are asked for."""

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Floats, Labels]:
        """Return windows ``(count, [channels,] samples)`` in g and their classes ``(count,)``."""


@dataclass(frozen=True, eq=False)
class FreshWindows:
    """Windows from anywhere in recordings, each with its own noise and gain.

    Parameters
    ----------
    pieces
        Of the training part, in g (scale 1).
    augment
        Noise and gain, as in the training of the float network.
    speeds
        Likewise.
    """

    pieces: Pieces
    augment: Augment
    speeds: Speeds = STEADY

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Floats, Labels]:
        """Return equally many windows of each class, as far as `count` divides."""
        labels = _balanced(count, len(self.pieces.counts), rng)
        generator = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
        x, power = (torch.from_numpy(a) for a in played(self.pieces, labels, rng, self.speeds))
        return self.augment(x, power, generator).double().numpy(), labels


@dataclass(frozen=True, eq=False)
class KeptWindows:
    """The same windows again and again, each time with its own gain.

    Parameters
    ----------
    x, labels
        ``(n >= 1, [channels,] samples)`` in g, noise included, and ``(n,)``.
    gain
        Octaves: the level changes by up to 2^gain either way.
    """

    x: Floats
    labels: Labels
    gain: float = 0.3

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Floats, Labels]:
        """Return equally many windows of each class that there is, as far as `count` divides."""
        groups = [np.flatnonzero(self.labels == number) for number in np.unique(self.labels)]
        sizes = np.array([len(group) for group in groups])
        wanted = _balanced(count, len(groups), rng)
        picks = rng.integers(sizes[wanted])
        chosen = np.array(
            [groups[w][p] for w, p in zip(wanted, picks, strict=True)], dtype=np.int64
        )
        each = (count,) + (1,) * (self.x.ndim - 1)
        gains = np.exp2(rng.uniform(-self.gain, self.gain, each))
        return self.x[chosen] * gains, self.labels[chosen]


def _balanced(count: int, classes: int, rng: np.random.Generator) -> Labels:
    """Return classes in random order, equally often but for a rest."""
    return rng.permutation(np.arange(count, dtype=np.int64) % classes)
