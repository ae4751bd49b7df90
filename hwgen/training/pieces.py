"""All the windows of a data set, numbered, without copying any until it is asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.signals import Dataset, spread, windows
from hwgen.signals.store import Samples as AnySamples
from hwgen.signals.store import Store, chunks

Samples = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


_ROOM = 1 << 26
"""Samples that stay in memory: 256 MiB of float32. Windows from a file take a while longer."""


class Pieces:
    """The windows at every start of every recording, numbered class by class.

    Parameters
    ----------
    dataset
        Recordings of at least `window` samples each.
    window
        Samples.
    scale
        Multiplies all samples.

    Attributes
    ----------
    window
        Samples.
    counts
        ``(classes,)`` windows of each class.
    shortest
        Samples of the shortest recording.
    """

    def __init__(self, dataset: Dataset, window: int, scale: float = 1.0) -> None:
        recordings = sorted(dataset.recordings, key=lambda r: dataset.classes.index(r.label))
        sizes = np.array([len(r.samples) for r in recordings], dtype=np.int64)
        starts = sizes - window + 1
        self.shortest = int(sizes.min())
        labels = np.array([dataset.classes.index(r.label) for r in recordings], dtype=np.int64)
        scaled = (
            (part * scale).astype(np.float32) for r in recordings for part in chunks(r.samples)
        )
        row = recordings[0].samples.shape[1:]
        self._samples = Store(_ROOM).keep(scaled, int(sizes.sum()), np.float32, row)
        self.window = window
        ends = np.cumsum(sizes)
        self._powers = np.array(
            [_power(self._samples[end - size : end]) for size, end in zip(sizes, ends, strict=True)]
        )
        self._ends = ends
        self._offsets = ends - sizes
        self._first = np.cumsum(starts) - starts
        self.counts: Indices = np.bincount(labels, starts, len(dataset.classes)).astype(np.int64)
        self._class_first = np.cumsum(self.counts) - self.counts

    def take(
        self, labels: Indices, numbers: Indices, length: int | None = None
    ) -> tuple[Samples, Samples]:
        """Return windows by class and number within the class.

        Parameters
        ----------
        length
            Samples that are taken, `shortest` at most, from where the window begins, or from
            earlier where the recording ends; None: a window.

        Returns
        -------
        x
            ``(n, length)`` samples, or ``(n, channels, length)``.
        power
            ``(n,)`` or ``(n, channels)``: mean square of the recording that each window is from.
        """
        overall = self._class_first[labels] + numbers
        recording = np.searchsorted(self._first, overall, side="right") - 1
        starts = self._offsets[recording] + overall - self._first[recording]
        length = length or self.window
        starts = np.minimum(starts, self._ends[recording] - length)
        x: Samples = np.asarray(windows(self._samples, length, 1)[starts], np.float32)
        return x, self._powers[recording].astype(np.float32)

    def random(
        self, labels: Indices, rng: np.random.Generator, length: int | None = None
    ) -> tuple[Samples, Samples]:
        """Return one random window of each of the classes `labels`, as `take` does."""
        return self.take(labels, rng.integers(self.counts[labels]), length)

    def spread(self, per_class: int) -> tuple[Samples, Indices]:
        """Return windows evenly spread over each class, and their labels.

        As many as `per_class` of each, fewer where a class has fewer starts.
        """
        numbers = [spread(int(count), per_class) for count in self.counts]
        labels = np.repeat(np.arange(len(numbers)), [len(n) for n in numbers])
        return self.take(labels, np.concatenate(numbers))[0], labels


def _power(samples: AnySamples) -> npt.NDArray[np.float64]:
    """Return the mean square of each channel; in one piece where that is in memory."""
    if isinstance(samples, np.ndarray):
        return np.asarray(np.mean(np.square(samples, dtype=np.float64), axis=0))
    total = sum(np.sum(np.square(part, dtype=np.float64), axis=0) for part in chunks(samples))
    return np.asarray(total / len(samples))
