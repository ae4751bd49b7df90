"""Windows for calibration, accuracy and verification, from wherever the user says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hwgen import signals
from hwgen.checkpoint import Checkpoint
from hwgen.errors import InputError
from hwgen.flow.options import DataOptions
from hwgen.network import Network
from hwgen.signals.synthetic import MAX_CLASSES

_CALIBRATION = 600
"""Windows that calibration looks at, at most: more change no format."""

_FEWEST_CLASSES = 2
"""Of synthetic signals."""

_USUAL_RATE = 12_000.0
"""Hz of synthetic signals for a checkpoint that does not say: CWRU's."""

_RATE_TOLERANCE = 1e-4

_SYNTHETIC = (
    "calibrated on synthetic signals: the checkpoint carries no windows and --data names no "
    "recordings, so F1 cannot be measured"
)


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows in g with their labels.

    Parameters
    ----------
    name
        Of the data: ``"cwru"``, ``"synthetic"``, or a path.
    classes
        Names, one per logit.
    input_scale
        The network takes the sensor's value times this.
    sample_rate
        Hz, or None if not known.
    calibration
        ``(n, samples)`` of the training part.
    test, labels
        ``(m, samples)`` of the test part, and their classes.
    labelled
        Whether the labels mean the network's classes, so that F1 can be measured.
    notices
        What the user must know about them.
    """

    name: str
    classes: tuple[str, ...]
    input_scale: float
    sample_rate: float | None
    calibration: npt.NDArray[np.float64]
    test: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]
    labelled: bool
    notices: tuple[str, ...] = ()


def gather(checkpoint: Checkpoint, options: DataOptions) -> Windows:
    """Return the windows that `options` name.

    Raises
    ------
    InputError
        If recordings cannot be used, or do not go with the checkpoint (classes, sample rate).
    """
    network = checkpoint.network
    if options.data is None and checkpoint.calibration is not None and checkpoint.test is not None:
        return _carried(checkpoint, options)
    if options.data is None or options.data == "synthetic":
        dataset = _synthetic(network, options)
    else:
        dataset = signals.read_dataset(
            Path(options.data), channel=options.channel, sample_rate=options.sample_rate
        )
    # Synthetic signals are labelled for a network of just these classes: one trained on them.
    labelled = dataset.name != "synthetic" or network.classes == dataset.classes
    return _from_dataset(network, dataset, options, labelled=labelled)


def _synthetic(network: Network, options: DataOptions) -> signals.Dataset:
    """Return synthetic recordings, of as many classes as the network has if there are so many.

    Raises
    ------
    InputError
        If there are none at the network's sample rate.
    """
    classes = min(max(network.logits, _FEWEST_CLASSES), MAX_CLASSES)
    rate = network.sample_rate or options.sample_rate or _USUAL_RATE
    try:
        return signals.synthetic_dataset(seed=options.seed, classes=classes, sample_rate=rate)
    except ValueError as error:
        raise InputError(
            f"there are no synthetic signals like the checkpoint's: {error}; "
            f"give recordings with --data"
        ) from error


def _carried(checkpoint: Checkpoint, options: DataOptions) -> Windows:
    network, calibration, test = checkpoint.network, checkpoint.calibration, checkpoint.test
    assert calibration is not None
    assert test is not None
    scale = options.input_scale or network.input_scale
    if scale is None:
        raise InputError("the checkpoint carries windows but no input scale; give --input-scale")
    return Windows(
        name=test.name,
        classes=class_names(network),
        input_scale=scale,
        sample_rate=network.sample_rate,
        calibration=calibration.x[_spread(len(calibration.x), _CALIBRATION)].astype(np.float64),
        test=test.x.astype(np.float64),
        labels=test.labels,
        labelled=True,
    )


def _from_dataset(
    network: Network, dataset: signals.Dataset, options: DataOptions, *, labelled: bool
) -> Windows:
    _check_matches(network, dataset, labelled=labelled)
    train, test = signals.split_dataset(dataset)
    scale = options.input_scale or network.input_scale
    if scale is None:
        scale = signals.input_scale(train, options.snr_db)
    length = network.input_samples
    noisy = [signals.noisy(part, options.snr_db, options.seed) for part in (train, test)]
    calibration, _ = signals.dataset_windows(noisy[0], length, length // 2)
    x, labels = signals.dataset_windows(noisy[1], length, length // 16)
    notices = [] if labelled else [_SYNTHETIC]
    if options.snr_db is not None:
        notices.append(f"white noise at {options.snr_db:g} dB SNR is added to every recording")
    return Windows(
        name=dataset.name,
        classes=dataset.classes if labelled else class_names(network),
        input_scale=scale,
        sample_rate=network.sample_rate or dataset.sample_rate,
        calibration=calibration[_spread(len(calibration), _CALIBRATION)],
        test=x,
        labels=labels,
        labelled=labelled,
        notices=tuple(notices),
    )


def class_names(network: Network) -> tuple[str, ...]:
    """Return the network's class names, or numbers where it has none."""
    return network.classes or tuple(f"class {number}" for number in range(network.logits))


def check_rate(network: Network, rate: float | None, source: str) -> None:
    """Raise `InputError` if a recording's sample rate is known not to be the network's."""
    wanted = network.sample_rate
    if rate and wanted and abs(rate - wanted) > _RATE_TOLERANCE * wanted:
        raise InputError(
            f"sample rate of {source} must be the checkpoint's {wanted:g} Hz, not {rate:g} Hz; "
            f"resample the recordings"
        )


def _check_matches(network: Network, dataset: signals.Dataset, *, labelled: bool) -> None:
    check_rate(network, dataset.sample_rate, dataset.name)
    if not labelled:
        return
    if len(dataset.classes) != network.logits:
        raise InputError(
            f"{dataset.name} must have one class per logit ({network.logits}), "
            f"not {len(dataset.classes)} ({', '.join(dataset.classes)})"
        )
    if network.classes and network.classes != dataset.classes:
        raise InputError(
            f"classes of {dataset.name} must be the checkpoint's in its order "
            f"({', '.join(network.classes)}), not {', '.join(dataset.classes)}"
        )


def _spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """Return at most `most` indices, evenly over `count`; either may be 0."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def for_verification(classes: npt.NDArray[np.int64], wanted: int) -> npt.NDArray[np.int64]:
    """Return indices of about `wanted` windows, every class in equal measure as far as it goes.

    Parameters
    ----------
    classes
        Class of each window, ``(n >= 1,)``.
    """
    present = np.unique(classes)
    each = -(-wanted // len(present))
    groups = [np.flatnonzero(classes == number) for number in present]
    chosen = np.concatenate([group[_spread(len(group), each)] for group in groups])
    rest = np.setdiff1d(np.arange(len(classes)), chosen)
    missing = max(0, wanted - len(chosen))
    return np.concatenate([chosen, rest[_spread(len(rest), missing)]])
