"""Training and test parts: the start of each record and its end, before any noise.

Where a class's records are too short for both, its first records train and its last ones test.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording

_TWO_THIRDS = 2 / 3


def split(
    recording: Recording, train: float = _TWO_THIRDS, multiple: int = 1
) -> tuple[Recording, Recording]:
    """Return the first `train` of a recording and the rest: no window lies in both.

    Parameters
    ----------
    recording
        n samples; the first floor(n * train) train.
    train
        Share, above 0 and below 1.
    multiple
        The first part is so many samples, or a multiple of that.

    Raises
    ------
    InputError
        The recording is so short that a part would be empty.
    ValueError
        `train` is not between 0 and 1.
    """
    length = len(recording.samples)
    border = _border(length, train) // multiple * multiple
    if not 0 < border < length:
        raise InputError(f"{recording.source} is too short to split: it has {length} samples")
    return (
        replace(recording, samples=recording.samples[:border]),
        replace(recording, samples=recording.samples[border:]),
    )


def split_dataset(
    dataset: Dataset, train: float = _TWO_THIRDS, *, window: int = 1, multiple: int = 1
) -> tuple[Dataset, Dataset]:
    """Return the training and the test part.

    Parameters
    ----------
    dataset
        Recordings, each class's in their order.
    train
        Share that trains.
    window
        Samples that each part of a recording must have; else its class is split `by_file`.
    multiple
        As of `split`.

    Raises
    ------
    InputError
        As `split`.
    ValueError
        `train` is not between 0 and 1.
    """
    whole = _whole(dataset, window, train)
    first_files = {
        id(recording)
        for recordings in whole.values()
        for recording in recordings[: max(1, _border(len(recordings), train))]
    }
    parts: tuple[list[Recording], list[Recording]] = ([], [])
    for recording in dataset.recordings:
        if recording.label in whole:
            parts[id(recording) not in first_files].append(recording)
        else:
            for part, piece in zip(parts, split(recording, train, multiple), strict=True):
                part.append(piece)
    first, last = (replace(dataset, recordings=tuple(part)) for part in parts)
    return first, last


def by_file(dataset: Dataset, window: int, train: float = _TWO_THIRDS) -> tuple[str, ...]:
    """Return the classes whose records train or test as a whole.

    Those of at least two records of which one is too short to give both parts a window. Their
    first floor(n * train) records train, at least one.
    """
    return tuple(_whole(dataset, window, train))


def _whole(dataset: Dataset, window: int, train: float) -> dict[str, list[Recording]]:
    """Return the recordings of each class that is split by file."""
    by_class: dict[str, list[Recording]] = {name: [] for name in dataset.classes}
    for recording in dataset.recordings:
        by_class[recording.label].append(recording)
    found = {}
    for name, recordings in by_class.items():
        length = min(len(recording.samples) for recording in recordings)
        border = _border(length, train)
        if len(recordings) > 1 and min(border, length - border) < window:
            found[name] = recordings
    return found


def by_file_notice(dataset: Dataset, window: int) -> tuple[str, ...]:
    """Return what the user is told where classes are split by file: at most one sentence."""
    whole = _whole(dataset, window, _TWO_THIRDS)
    if not whole:
        return ()
    counts = [len(recordings) for recordings in whole.values()]
    trained = [max(1, _border(count, _TWO_THIRDS)) for count in counts]
    which = "every class" if len(whole) == len(dataset.classes) else ", ".join(whole)
    return (
        f"split by file: recordings are too short for windows of {window} samples in both parts, "
        f"so the first two thirds of the files of {which} train ({sum(trained)}) and the last "
        f"third tests ({sum(counts) - sum(trained)})",
    )


def _border(length: int, train: float) -> int:
    """Return floor(length * train)."""
    if not 0 < train < 1:
        raise ValueError(f"train must be above 0 and below 1, not {train}")
    # As a fraction: the float 2/3 is a little less, and 3 * (2/3) must be 2.
    return int(length * Fraction(train).limit_denominator(10**6))
