"""What was read of a set of recordings, class by class, for the table that every command prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording

_MOST_PASSED_OVER = 12
"""Of the files that are not used, so many are named."""


def summary(dataset: Dataset) -> dict[str, Any]:
    """Return the data set in JSON's own types.

    Returns
    -------
    ``name``; ``passed_over``, a few names, and ``passed_over_count``; ``classes``, in their order:
    ``class``, ``files``, ``samples``, ``seconds`` (null without a rate), ``channels`` taken, by
    name, ``channels_taken`` of each file, ``channels_of`` how many at most, ``sample_rate`` (null)
    and ``rate_assumed_of`` how many files.
    """
    by_class: dict[str, list[Recording]] = {name: [] for name in dataset.classes}
    for recording in dataset.recordings:
        by_class[recording.label].append(recording)
    return {
        "name": dataset.name,
        "classes": [_row(name, recordings) for name, recordings in by_class.items()],
        "passed_over": list(dataset.passed_over[:_MOST_PASSED_OVER]),
        "passed_over_count": len(dataset.passed_over),
    }


def _row(name: str, recordings: Sequence[Recording]) -> dict[str, Any]:
    lengths = [recording.seconds for recording in recordings]
    known = [length for length in lengths if length is not None]
    return {
        "class": name,
        "files": len(recordings),
        "samples": sum(len(recording.samples) for recording in recordings),
        "seconds": sum(known) if len(known) == len(lengths) else None,
        "channels": list(dict.fromkeys(each.channel for each in recordings if each.channel)),
        "channels_taken": recordings[0].channels,
        "channels_of": max(recording.channels_of for recording in recordings),
        "sample_rate": recordings[0].sample_rate,
        "rate_assumed_of": sum(assumed(recording) for recording in recordings),
    }


def assumed(recording: Recording) -> bool:
    """Return whether a recording has a sample rate that nobody stated."""
    return recording.sample_rate is not None and recording.rate_origin is None
