"""Recordings made ready: checked, split, scaled, and with windows to travel with the network."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen import files
from hwgen.errors import InputError
from hwgen.importers import Windows
from hwgen.signals import Dataset, input_scale, noisy, split_dataset
from hwgen.signals.store import chunks
from hwgen.training.pieces import Pieces
from hwgen.training.recipe import Recipe

KEPT_PER_CLASS = 40
"""Calibration and test windows of each class that travel with the network."""
_USABLE_RMS = (1e-12, 1e12)
"""In g: float32 holds such samples, their peaks and their squares."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a training works on.

    Parameters
    ----------
    train, test
        The two parts in g, without added noise.
    scale
        Multiplies samples in g.
    calibration, held
        Windows in g with noise, evenly spread over each class of the training and the test part.
    """

    train: Dataset
    test: Dataset
    scale: float
    calibration: Windows
    held: Windows


def prepare(
    dataset: Dataset, window: int, recipe: Recipe, *, snr_db: float | None, seed: int
) -> Prepared:
    """Return both parts of a data set.

    Parameters
    ----------
    window
        Samples.
    recipe
        Says at which signal-to-noise ratio scaled samples have an RMS of 1, and the ratios of the
        windows that are kept, a share of them each.
    snr_db
        The ratio in dB that is trained for; None where none is stated.
    seed
        Of the noise of the windows that are kept.

    Raises
    ------
    InputError
        If there are fewer than two classes, or a recording is too short or not usable.
    """
    train, test = check_parts(dataset, window)
    scale = usable_scale(train, recipe.scale_snr(snr_db))
    test_snrs = recipe.tested_snrs(snr_db)
    calibration, held = (
        _kept(part, window, test_snrs, seed, recipe.noise) for part in (train, test)
    )
    return Prepared(train, test, scale, calibration, held)


def digest_of(dataset: Dataset) -> str:
    """Return a digest of labels and samples."""
    parts: list[bytes | str] = list(dataset.classes)
    for recording in dataset.recordings:
        content = hashlib.sha256()
        for part in chunks(recording.samples):
            content.update(np.ascontiguousarray(part).data)
        parts += [recording.label, content.digest()]
    return files.digest(*parts)


def _kept(
    part: Dataset, window: int, snrs: Sequence[float | None], seed: int, noise: str
) -> Windows:
    per_class = -(-KEPT_PER_CLASS // len(snrs))
    spreads = [Pieces(noisy(part, snr, seed, noise), window).spread(per_class) for snr in snrs]
    x = np.concatenate([x for x, _ in spreads])
    return Windows(x, np.concatenate([labels for _, labels in spreads]), part.name)


def check_parts(dataset: Dataset, window: int) -> tuple[Dataset, Dataset]:
    """Return the training and the test part, checked for being enough to work with."""
    if len(dataset.classes) < 2:
        raise InputError(
            f"{dataset.name} must have at least 2 classes to train on, "
            f"not {len(dataset.classes)} ({', '.join(dataset.classes)}); add recordings"
        )
    parts = split_dataset(dataset, window=window)
    for name, part in zip(("training", "test"), parts, strict=True):
        for recording in part.recordings:
            if len(recording.samples) < window:
                raise InputError(
                    f"{recording.source} is too short: its {name} part has "
                    f"{len(recording.samples)} samples where a window needs {window}; "
                    f"record at least {3 * window}"
                )
    return parts


def usable_scale(train: Dataset, snr_db: float | None) -> float:
    """Return the input scale; `InputError` if samples are too small or large for any."""
    scale = input_scale(train, snr_db)
    low, high = _USABLE_RMS
    if not low < 1 / scale < high:
        raise InputError(
            f"{train.name} must have an RMS from {low:g} to {high:g} g with its noise, "
            f"not {1 / scale:.3g}; check the unit"
        )
    return scale
