"""Windows: the pieces of a recording that a network looks at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording


def windows(samples: NDArray[np.float64], length: int, stride: int) -> NDArray[np.float64]:
    """Return the windows that start at 0, stride, 2 stride, ... and lie wholly in `samples`.

    Returns
    -------
    (n, length), n >= 1: a read-only view of `samples`, not a copy.

    Raises
    ------
    ValueError
        `length` or `stride` is below 1, or `samples` is shorter than `length`.
    """
    _check_positive("length", length)
    _check_positive("stride", stride)
    if samples.size < length:
        raise ValueError(f"samples must be at least length ({length}) long, not {samples.size}")
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::stride]


def dataset_windows(
    dataset: Dataset, length: int, stride: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return all windows of all recordings, in order, and their classes.

    Returns
    -------
    x
        (n, length), in the recordings' unit.
    labels
        (n,) indices into `dataset.classes`.

    Raises
    ------
    InputError
        A recording is shorter than a window.
    ValueError
        `length` or `stride` is below 1.
    """
    _check_lengths(dataset, length)
    views = [windows(recording.samples, length, stride) for recording in dataset.recordings]
    indices = [dataset.classes.index(recording.label) for recording in dataset.recordings]
    labels = np.repeat(np.array(indices, dtype=np.int64), [len(view) for view in views])
    return np.concatenate(views), labels


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
        (classes * per_class, length), in the recordings' unit, class by class.
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
    x = np.empty((len(dataset.classes), per_class, length))
    for drawn, name in zip(x, dataset.classes, strict=True):
        recordings = [recording for recording in dataset.recordings if recording.label == name]
        filled = 0
        while filled < per_class:
            run = _random_run(recordings, length, rng, step)[: per_class - filled]
            drawn[filled : filled + len(run)] = run
            filled += len(run)
    labels = np.repeat(np.arange(len(dataset.classes), dtype=np.int64), per_class)
    return x.reshape(-1, length), labels


def _random_run(
    recordings: Sequence[Recording], length: int, rng: np.random.Generator, step: int
) -> NDArray[np.float64]:
    """Return (m, length) windows `step` apart from a random start; m is less in a short record."""
    span = length + (max(1, length // step) - 1) * step
    starts = np.array([max(1, recording.samples.size - span + 1) for recording in recordings])
    samples = recordings[int(rng.choice(len(recordings), p=starts / starts.sum()))].samples
    start = int(rng.integers(max(1, samples.size - span + 1)))
    return windows(samples[start : start + span], length, step)


def _check_lengths(dataset: Dataset, length: int) -> None:
    _check_positive("length", length)
    for recording in dataset.recordings:
        if recording.samples.size < length:
            raise InputError(
                f"{recording.source} is too short: {recording.samples.size} samples where a "
                f"window needs {length}; record longer"
            )


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")
