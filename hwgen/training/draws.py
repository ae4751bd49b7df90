"""The published draw, one class at a time: long windows of many classes need not fit at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hwgen.signals import Dataset, draw


def draw_by_class(
    dataset: Dataset, window: int, per_class: int, rng: np.random.Generator
) -> Iterator[tuple[npt.NDArray[np.float64], int]]:
    """Yield the windows of each class, as `draw` makes them, and its number.

    Windows are ``(per_class, [channels,] window)``.
    """
    for number, name in enumerate(dataset.classes):
        recordings = tuple(r for r in dataset.recordings if r.label == name)
        one = replace(dataset, classes=(name,), recordings=recordings)
        yield draw(one, window, per_class, rng)[0], number
