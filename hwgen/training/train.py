"""Training: from labelled recordings to a network and the windows that travel with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwgen.checkpoint import CheckpointMeta, Windows
from hwgen.errors import InputError, UsageError
from hwgen.network import Network
from hwgen.signals import Dataset, input_scale, noisy, split_dataset
from hwgen.training.architecture import Architecture
from hwgen.training.augment import Augment
from hwgen.training.evaluate import f1_of_dataset, f1_of_windows
from hwgen.training.fit import Progress, Recipe, fit
from hwgen.training.losses import Loss, cross_entropy
from hwgen.training.model import to_network
from hwgen.training.pieces import Pieces

DEFAULT_EPOCHS = 30
KEPT_PER_CLASS = 40
"""Calibration and test windows of each class that travel with the network."""
COLLAPSED_F1 = 0.4
"""A run with less on its own training data has collapsed: one class for all gives 1/3 or less."""
ATTEMPTS = 3
_MAX_SNR_DB = 100.0
_USABLE_RMS = (1e-12, 1e12)
"""In g: float32 holds such samples, their peaks and their squares."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class TrainResult:
    """A trained network.

    Parameters
    ----------
    network
        With classes, input scale and sample rate.
    meta
        How it was trained, the metrics included.
    calibration, test
        Windows in g, with noise, evenly spread over each class of either part.
    metrics
        ``f1``: macro-F1 on the test part; ``train_f1``: on the calibration windows;
        ``restarts``: runs that collapsed and were repeated.
    """

    network: Network
    meta: CheckpointMeta
    calibration: Windows
    test: Windows
    metrics: dict[str, float]


def train(
    dataset: Dataset,
    *,
    snr_db: float | None,
    seed: int = 0,
    epochs: int = DEFAULT_EPOCHS,
    architecture: Architecture | None = None,
    loss: Loss = cross_entropy,
    progress: Progress | None = None,
    say: Say | None = None,
) -> TrainResult:
    """Train on the first two thirds of each recording and test on the rest.

    Parameters
    ----------
    dataset
        At least two classes; samples in g.
    snr_db
        White noise relative to each record's own power, in training and test; None for none.
    seed
        Of initial weights, windows and noise; the same seed gives the same network.
    epochs
        Of 100 batches of 128 windows.
    architecture
        Sizes; the published ones by default.
    loss
        What is minimised.
    progress, say
        Called after each epoch, and with a line about each run that collapsed.

    Raises
    ------
    InputError
        If there are fewer than two classes, or a recording is too short or not usable.
    UsageError
        If `snr_db` is out of range.
    """
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}")
    if snr_db is not None and not -_MAX_SNR_DB <= snr_db <= _MAX_SNR_DB:
        raise UsageError(f"--snr must be from -{_MAX_SNR_DB:g} to {_MAX_SNR_DB:g} dB, not {snr_db}")
    architecture = architecture or Architecture()
    parts = _parts(dataset, architecture.window)
    scale = _usable_scale(parts[0], snr_db)
    noised = [noisy(part, snr_db, seed) for part in parts]
    calibration, test = (
        Windows(*Pieces(part, architecture.window).spread(KEPT_PER_CLASS), dataset.name)
        for part in noised
    )
    pieces = Pieces(parts[0], architecture.window, scale)
    recipe = Recipe(architecture, Augment(snr_db), loss, epochs)

    def run(attempt: int) -> Network:
        model = fit(pieces, recipe, seed + attempt, progress)
        return to_network(model, dataset.classes, scale, dataset.sample_rate)

    network, metrics = _best_run(run, calibration, say)
    metrics = {"f1": f1_of_dataset(network, noised[1])} | metrics
    meta = CheckpointMeta(dataset.name, snr_db, metrics)
    return TrainResult(network, meta, calibration, test, metrics)


def _best_run(
    run: Callable[[int], Network], calibration: Windows, say: Say | None
) -> tuple[Network, dict[str, float]]:
    """Return the first run's network that has not collapsed, or the best of all."""
    results: list[tuple[float, Network]] = []
    for attempt in range(ATTEMPTS):
        network = run(attempt)
        results.append((f1_of_windows(network, calibration), network))
        f1 = results[-1][0]
        if f1 >= COLLAPSED_F1:
            break
        if say:
            last = attempt + 1 == ATTEMPTS
            then = f"keeping the best of {ATTEMPTS} runs" if last else "trying another seed"
            say(f"training collapsed (F1 {f1:.2f} on its own training data); {then}")
    f1, network = max(results, key=lambda result: result[0])
    return network, {"train_f1": f1, "restarts": float(len(results) - 1)}


def _parts(dataset: Dataset, window: int) -> tuple[Dataset, Dataset]:
    """Return the training and the test part, checked for being enough to work with."""
    if len(dataset.classes) < 2:
        raise InputError(
            f"{dataset.name} must have at least 2 classes to train on, "
            f"not {len(dataset.classes)} ({', '.join(dataset.classes)}); add recordings"
        )
    parts = split_dataset(dataset)
    for name, part in zip(("training", "test"), parts, strict=True):
        for recording in part.recordings:
            if recording.samples.size < window:
                raise InputError(
                    f"{recording.source} is too short: its {name} part has "
                    f"{recording.samples.size} samples where a window needs {window}; "
                    f"record at least {3 * window}"
                )
    return parts


def _usable_scale(train: Dataset, snr_db: float | None) -> float:
    scale = input_scale(train, snr_db)
    low, high = _USABLE_RMS
    if not low < 1 / scale < high:
        raise InputError(
            f"{train.name} must have an RMS from {low:g} to {high:g} g with its noise, "
            f"not {1 / scale:.3g}; check the unit"
        )
    return scale
