"""Noise at a stated signal-to-noise ratio, and the input scale that goes with it.

The power of a signal is its mean square, offset included: SNR = 10 log10(mean(x^2) / noise power).
Each of several channels has its own power and its own noise.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwgen.errors import InputError
from hwgen.signals.dataset import Dataset
from hwgen.signals.noise_kinds import KINDS, WHITE, Draw
from hwgen.signals.recording import Recording
from hwgen.signals.store import Samples, Store, Stored, chunks

_MAX_SNR_DB = 200.0


def add_noise(
    samples: NDArray[np.float64],
    snr_db: float,
    rng: np.random.Generator,
    power: float | NDArray[np.float64] | None = None,
    draw: Draw | None = None,
) -> NDArray[np.float64]:
    """Return `samples` plus noise of power / 10^(snr_db / 10).

    Parameters
    ----------
    samples
        (n,) or (n, channels) in any unit.
    snr_db
        Signal-to-noise ratio in dB, -200..200.
    rng
        Draws the noise.
    power
        The signal power to relate to, unit squared, one for all or one a channel; by default the
        mean square of each channel.
    draw
        Draws noise of variance 1; by default `rng`, white and Gaussian.

    Raises
    ------
    ValueError
        `snr_db` is out of range, or `power` is negative or not finite.
    """
    ratio = _noise_ratio(snr_db)
    if power is None:
        power = _power(samples)
    if not (np.isfinite(power) & (np.asarray(power) >= 0)).all():
        raise ValueError(f"power must be 0 or more, not {power}")
    drawn = (draw or rng.standard_normal)(samples.shape)
    return samples + drawn * np.sqrt(power * ratio)


def noisy(dataset: Dataset, snr_db: float | None, seed: int, kind: str = WHITE) -> Dataset:
    """Return `dataset` with noise on each recording, relative to that recording's own power.

    The same `seed` gives the same noise; different recordings, the training and the test part of
    one among them, get independent noise. With `snr_db` None the data set comes back unchanged.
    `kind` is one of `hwgen.signals.noise_kinds.KINDS`.
    """
    if snr_db is None:
        return dataset
    store = Store()
    recordings = tuple(
        replace(recording, samples=_noisy(recording, snr_db, seed, store, kind))
        for recording in dataset.recordings
    )
    return replace(dataset, recordings=recordings)


def _noisy(recording: Recording, snr_db: float, seed: int, store: Store, kind: str) -> Samples:
    samples, rng = recording.samples, _generator(seed, recording)
    draw = KINDS[kind](rng)
    if not isinstance(samples, Stored):
        return add_noise(samples, snr_db, rng, draw=draw)
    # One draw in pieces is the draw in one piece.
    power = _power(samples)
    parts = (add_noise(part, snr_db, rng, power, draw) for part in chunks(samples))
    kept: Samples = store.keep(parts, len(samples), row=samples.shape[1:])
    return kept


def input_scale(train: Dataset, snr_db: float | None) -> float:
    """Return the multiplier that brings training samples with noise to an RMS of 1.

    1 / sqrt(mean over recordings of P (1 + 10^(-snr_db / 10))), P a recording's mean square, the
    mean of its channels'; each recording weighs the same, and no noise is drawn. Without `snr_db`
    there is no noise term.

    Raises
    ------
    InputError
        The recordings' power is, to within floating point, 0 or infinite.
    ValueError
        `snr_db` is out of range.
    """
    ratio = 0.0 if snr_db is None else _noise_ratio(snr_db)
    mean = float(np.mean([np.mean(_power(each.samples)) for each in train.recordings]))
    total = mean * (1 + ratio)
    # Beyond these a scale is no longer a number that anything can be multiplied with.
    if not 1e-200 < total < 1e250:
        raise InputError(
            f"{train.name}: the recordings' mean square must be a usable number, not {mean:g}; "
            "check their unit"
        )
    return 1 / math.sqrt(total)


def _power(samples: Samples) -> NDArray[np.float64]:
    """Return the mean square of each channel, ``()`` of one or ``(channels,)``."""
    if isinstance(samples, Stored):
        total = sum(np.sum(np.square(part), axis=0) for part in chunks(samples))
        return np.asarray(total / len(samples))
    return np.asarray(np.mean(np.square(samples), axis=0))


def _noise_ratio(snr_db: float) -> float:
    """Return the noise power over the signal power."""
    if not -_MAX_SNR_DB <= snr_db <= _MAX_SNR_DB:
        raise ValueError(f"snr_db must be in -200..200 dB, not {snr_db}")
    return 10.0 ** (-snr_db / 10)


def _generator(seed: int, recording: Recording) -> np.random.Generator:
    """Return the generator of one recording's noise.

    The content is part of the seed: a training and a test part noised with one seed must not
    share a noise sequence that a network could learn.
    """
    content = 0
    for part in chunks(recording.samples):
        content = zlib.crc32(np.ascontiguousarray(part).data, content)
    return np.random.default_rng([seed, content])
