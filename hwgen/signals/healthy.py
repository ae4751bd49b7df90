"""Which classes of a data set are of a healthy machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.errors import InputError, UsageError
from hwgen.signals.dataset import Dataset

NORMAL = ("normal", "healthy", "none", "good", "baseline")
"""How the name of a healthy class begins, unless the user says which."""


def healthy_classes(classes: Sequence[str], said: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the healthy classes; none where no name says so.

    Parameters
    ----------
    said
        By the user; empty: those whose name begins as one of `NORMAL`.

    Raises
    ------
    UsageError
        If a class is said that there is not.
    """
    if strange := [name for name in said if name not in classes]:
        raise UsageError(
            f"--healthy must be classes of the recordings ({', '.join(classes)}), not "
            f"{', '.join(strange)}"
        )
    return tuple(
        name for name in classes if name in said or (not said and name.lower().startswith(NORMAL))
    )


def healthy_of(dataset: Dataset, said: Sequence[str] = ()) -> tuple[tuple[str, ...], str]:
    """Return the healthy classes of a data set, and in a sentence what is taken for healthy.

    Recordings of one class alone are taken for healthy, whatever it is called.

    Raises
    ------
    InputError
        If no class of several is known to be healthy.
    UsageError
        As of `healthy_classes`.
    """
    classes = dataset.classes
    found = healthy_classes(classes, said) or (classes if len(classes) == 1 else ())
    if not found:
        raise InputError(
            f"{dataset.name} must have healthy recordings, and none of its classes "
            f"({', '.join(classes)}) is called one of {', '.join(NORMAL)}; say which are with "
            "--healthy"
        )
    rest = [name for name in classes if name not in found]
    told = f"; faulty: {', '.join(rest)}" if rest else "; no faulty ones"
    return found, f"healthy: {', '.join(found)}{told}"


def only(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """Return the recordings of some classes."""
    kept = tuple(name for name in dataset.classes if name in classes)
    recordings = tuple(each for each in dataset.recordings if each.label in kept)
    return Dataset(dataset.name, kept, recordings, dataset.passed_over, dataset.notices)


def as_anomalies(labels: np.ndarray, classes: Sequence[str], healthy: Sequence[str]) -> np.ndarray:
    """Return labels 0 for windows of healthy classes, 1 for all others."""
    faulty = np.array([name not in healthy for name in classes], dtype=np.int64)
    found: np.ndarray = faulty[labels]
    return found
