"""Training and test parts: the start of each record and its end, before any noise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording

_TWO_THIRDS = 2 / 3


def split(recording: Recording, train: float = _TWO_THIRDS) -> tuple[Recording, Recording]:
    """Return the first `train` of a recording and the rest: no window lies in both.

    Parameters
    ----------
    recording
        n samples; the first floor(n * train) train.
    train
        Share, above 0 and below 1.

    Raises
    ------
    InputError
        The recording is so short that a part would be empty.
    ValueError
        `train` is not between 0 and 1.
    """
    if not 0 < train < 1:
        raise ValueError(f"train must be above 0 and below 1, not {train}")
    length = recording.samples.size
    # As a fraction: the float 2/3 is a little less, and 3 * (2/3) must be 2.
    border = int(length * Fraction(train).limit_denominator(10**6))
    if not 0 < border < length:
        raise InputError(f"{recording.source} is too short to split: it has {length} samples")
    return (
        replace(recording, samples=recording.samples[:border]),
        replace(recording, samples=recording.samples[border:]),
    )


def split_dataset(dataset: Dataset, train: float = _TWO_THIRDS) -> tuple[Dataset, Dataset]:
    """Return the training and the test part of every recording, as `split` does."""
    pairs = [split(recording, train) for recording in dataset.recordings]
    return (
        replace(dataset, recordings=tuple(first for first, _ in pairs)),
        replace(dataset, recordings=tuple(second for _, second in pairs)),
    )
