"""Recordings as a table: the level of a window in bands of frequency."""

from __future__ import annotations

import numpy as np

from hwgen.neurons.table import MOST_INPUTS, MOST_ROWS, Table, table
from hwgen.signals import Dataset, dataset_windows, noisy
from hwgen.training.prepare import check_parts

WINDOW, BANDS = 2048, 32
_FLOOR = 1e-12
"""Of a band's mean square, of the largest of all: the logarithm of nothing is not finite."""

SAID = (
    f"inputs: {BANDS} bands of equal width of the spectrum of windows of {WINDOW} samples, in each "
    "the logarithm of the mean square magnitude; bin 0 is left out"
)


def tables(
    dataset: Dataset, snr_db: float | None, seed: int
) -> tuple[Table, Table, tuple[str, ...]]:
    """Return the training and the test part of recordings as tables, and what is to be said.

    Windows lie side by side: none shares samples with another.

    Raises
    ------
    InputError
        If there are fewer than two classes, or a recording is too short.
    """
    parts = check_parts(dataset, WINDOW)
    found = []
    said: tuple[str, ...] = ()
    for part in parts:
        windows, labels = dataset_windows(noisy(part, snr_db, seed), WINDOW, WINDOW, MOST_ROWS)
        x = levels(windows)
        names = [f"band{number}" for number in range(1, x.shape[1] + 1)]
        words = [part.classes[number] for number in labels]
        one, said = table(dataset.name, x, words, names, "class", "classify")
        found.append(one)
    train, test = found
    return train, test, (SAID, *said)


def levels(windows: np.ndarray) -> np.ndarray:
    """Return the bands' levels ``(n, channels * BANDS)`` of ``(n, [channels,] WINDOW)`` samples."""
    spectrum = np.abs(np.fft.rfft(windows, axis=-1))[..., 1:]
    pooled = np.square(spectrum).reshape(*spectrum.shape[:-1], BANDS, -1).mean(-1)
    x = np.log(pooled + _FLOOR * max(float(pooled.max()), np.finfo(float).tiny))
    return x.reshape(len(x), -1)[:, :MOST_INPUTS]
