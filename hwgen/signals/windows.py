"""Windows: the pieces of a recording that a network looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording
from hwgen.signals.store import Samples, Stored


class StoredWindows:
    """The windows of samples in a file; the ones that are asked for are read.

    Parameters
    ----------
    samples
        (n,) or (n, channels), at least one window.
    length, stride
        Of a window; from one to the next.
    """

    def __init__(self, samples: Stored, length: int, stride: int) -> None:
        self._samples, self._length, self._stride = samples, length, stride
        self.shape = ((len(samples) - length) // stride + 1, *samples.shape[1:], length)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: slice | NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the windows ``(k, [channels,] length)`` of a slice, or by their numbers."""
        if not isinstance(key, slice):
            return self._numbered(key)
        first, stop, step = key.indices(len(self))
        if step != 1 or stop <= first or self._stride > self._length:
            return self._numbered(np.arange(first, stop, step))
        begin = first * self._stride
        part = self._samples.read(begin, (stop - 1) * self._stride + self._length)
        return _view(part, self._length)[:: self._stride]

    def _numbered(self, numbers: npt.NDArray[np.integer]) -> NDArray[np.float64]:
        x = np.empty((len(numbers), *self.shape[1:]), self._samples.dtype)
        for row, start in zip(x, np.asarray(numbers) * self._stride, strict=True):
            row[:] = self._samples.read(int(start), int(start) + self._length).T
        return x


def _view(samples: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.lib.stride_tricks.sliding_window_view(samples, length, axis=0)


def windows(samples: Samples, length: int, stride: int) -> NDArray[np.float64] | StoredWindows:
    """Return the windows that start at 0, stride, 2 stride, ... and lie wholly in `samples`.

    Returns
    -------
    (n, length), n >= 1, or (n, channels, length) of several channels: a read-only view of
    `samples`, not a copy. Of samples in a file, what slices and lists of numbers read from it.

    Raises
    ------
    ValueError
        `length` or `stride` is below 1, or `samples` is shorter than `length`.
    """
    _check_positive("length", length)
    _check_positive("stride", stride)
    if len(samples) < length:
        raise ValueError(f"samples must be at least length ({length}) long, not {len(samples)}")
    if isinstance(samples, Stored):
        return StoredWindows(samples, length, stride)
    return _view(samples, length)[::stride]


@dataclass(frozen=True, eq=False)
class Places:
    """Where windows of a data set lie.

    Parameters
    ----------
    recording, start
        (n,): number of the recording, and the first sample in it.
    every
        How many windows there are a stride apart: n, or more where only some were wanted.
    """

    recording: NDArray[np.int64]
    start: NDArray[np.int64]
    every: int

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, key: NDArray[np.int64]) -> Places:
        """Return some of them, by their numbers."""
        return Places(self.recording[key], self.start[key], self.every)


def places(dataset: Dataset, length: int, stride: int, most: int | None = None) -> Places:
    """Return where the windows of all recordings lie, in order.

    Parameters
    ----------
    length, stride
        Of a window; from one to the next in a recording.
    most
        As many at most, evenly over all; None for all.

    Raises
    ------
    InputError
        A recording is shorter than a window.
    ValueError
        `length` or `stride` is below 1.
    """
    _check_lengths(dataset, length)
    _check_positive("stride", stride)
    counts = [(len(each.samples) - length) // stride + 1 for each in dataset.recordings]
    ends = np.cumsum(counts)
    every = int(ends[-1])
    numbers = spread(every, every if most is None else most)
    recording = np.searchsorted(ends, numbers, side="right")
    start = (numbers - (ends - counts)[recording]) * stride
    return Places(recording.astype(np.int64), start.astype(np.int64), every)


def cut(
    dataset: Dataset, where: Places, length: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the windows at some places, and their classes.

    Returns
    -------
    x
        (n, length), or (n, channels, length), in the recordings' unit.
    labels
        (n,) indices into `dataset.classes`.
    """
    x = np.empty((len(where), *dataset.window_shape(length)))
    for row, number, start in zip(x, where.recording, where.start, strict=True):
        row[:] = np.asarray(dataset.recordings[number].samples[int(start) : int(start) + length]).T
    indices = [dataset.classes.index(recording.label) for recording in dataset.recordings]
    return x, np.array(indices, dtype=np.int64)[where.recording]


def dataset_windows(
    dataset: Dataset, length: int, stride: int, most: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the windows of all recordings, in order, and their classes.

    As `cut` does at the `places` of the same parameters.
    """
    return cut(dataset, places(dataset, length, stride, most), length)


def spread(count: int, most: int) -> NDArray[np.int64]:
    """Return at most `most` numbers below `count`, evenly over them; either may be 0."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def draw(
    dataset: Dataset, length: int, per_class: int, rng: np.random.Generator, step: int = 28
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return `per_class` windows of each class, drawn as in the published recipe.

    A random start, then windows `step` samples apart for length // step windows (73 of 2,048
    samples at 28), then another random start, until there are enough. All places where such a
    run fits into a recording of the class are equally likely.

    Returns
    -------
    x
        (classes * per_class, length), or (classes * per_class, channels, length), in the
        recordings' unit, class by class.
    labels
        (classes * per_class,) indices into `dataset.classes`.

    Raises
    ------
    InputError
        A recording is shorter than a window.
    ValueError
        `length`, `per_class` or `step` is below 1.
    """
    _check_positive("per_class", per_class)
    _check_positive("step", step)
    _check_lengths(dataset, length)
    x = np.empty((len(dataset.classes), per_class, *dataset.window_shape(length)))
    for drawn, name in zip(x, dataset.classes, strict=True):
        recordings = [recording for recording in dataset.recordings if recording.label == name]
        filled = 0
        while filled < per_class:
            run = _random_run(recordings, length, rng, step)[: per_class - filled]
            drawn[filled : filled + len(run)] = run
            filled += len(run)
    labels = np.repeat(np.arange(len(dataset.classes), dtype=np.int64), per_class)
    return x.reshape(-1, *dataset.window_shape(length)), labels


def _random_run(
    recordings: Sequence[Recording], length: int, rng: np.random.Generator, step: int
) -> NDArray[np.float64]:
    """Return (m, [channels,] length) windows `step` apart from a random start.

    m is less in a short record.
    """
    span = length + (max(1, length // step) - 1) * step
    starts = np.array([max(1, len(recording.samples) - span + 1) for recording in recordings])
    samples = recordings[int(rng.choice(len(recordings), p=starts / starts.sum()))].samples
    start = int(rng.integers(max(1, len(samples) - span + 1)))
    return np.asarray(windows(samples[start : start + span], length, step)[:])


def _check_lengths(dataset: Dataset, length: int) -> None:
    _check_positive("length", length)
    for recording in dataset.recordings:
        if len(recording.samples) < length:
            raise InputError(
                f"{recording.source} is too short: {len(recording.samples)} samples where a "
                f"window needs {length}; record longer"
            )


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")
