"""Windows for calibration, accuracy and verification, from wherever the user says."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen import report, signals
from hwgen.errors import InputError
from hwgen.flow import idle, rows
from hwgen.flow.options import DataOptions
from hwgen.flow.patience import telling
from hwgen.flow.stage import Say
from hwgen.importers import Checkpoint
from hwgen.network import Network
from hwgen.network.anomaly import score_of
from hwgen.signals import spread
from hwgen.signals.healthy import as_anomalies, healthy_of, only
from hwgen.signals.noise_kinds import WHITE
from hwgen.signals.rows import are_rows
from hwgen.signals.synthetic import CHANNELS, MAX_CLASSES
from hwgen.signals.task import Task

_CALIBRATION = 600
"""Windows that calibration looks at, at most: more change no format."""

_SWEEP = 16
"""Windows of a dense sweep begin this often in the length of one."""

_SHORTEST = 2 * _SWEEP
"""Samples of the shortest window of a signal; fewer are a row of a table."""

_TEST_SAMPLES = 1 << 24
"""Samples in the windows of the test part, at most: 8,192 windows of 2,048, and 128 MiB."""

_HELD_SAMPLES = 1 << 22
"""Samples in the held-out windows for each realisation of the noise, at most."""

_SEEN = 0.8
"""Share of the training part that calibration sees; choices are made on the rest."""

_DRAWS = 3
"""Realisations of the noise on the rest: F1 on few windows is coarse."""

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
    calibration, calibration_labels
        ``(n, [channels,] samples)`` of the training part, its last fifth left out, and their
        classes; healthy ones for a network that tells anomalies.
    held, held_labels
        ``(k, [channels,] samples)`` of that last fifth, and their classes; k is 0 where
        recordings are too short for it. Choices are made on them, never on the test part.
    test, labels
        ``(m, [channels,] samples)`` of the test part, and their classes.
    labelled
        Whether the labels mean the network's classes, so that F1 can be measured.
    notices
        What the user must know about them.
    clean_test
        The recordings of `test` without added noise; None for windows that a checkpoint carries.
    clean_train
        The recordings of `calibration` likewise.
    data
        What was read, of `hwgen.signals.summary`; None where nothing was.
    places
        Where the windows of `test` lie in `clean_test`.
    kinds, kind_labels
        Of a network that tells anomalies: classes of the recordings, and of each window of `test`
        ``(m,)``; None where only labels are known.
    read_as
        As what the recordings were read.
    snr_db
        Of the noise that was added; None for none.
    """

    name: str
    classes: tuple[str, ...]
    input_scale: float
    sample_rate: float | None
    calibration: npt.NDArray[np.float64]
    calibration_labels: npt.NDArray[np.int64]
    held: npt.NDArray[np.float64]
    held_labels: npt.NDArray[np.int64]
    test: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]
    labelled: bool
    notices: tuple[str, ...] = ()
    clean_test: signals.Dataset | None = None
    clean_train: signals.Dataset | None = None
    data: dict[str, Any] | None = None
    places: signals.Places | None = None
    kinds: tuple[str, ...] = ()
    kind_labels: npt.NDArray[np.int64] | None = None
    read_as: signals.ReadAs = field(default_factory=signals.ReadAs)
    snr_db: float | None = None

    @property
    def task(self) -> Task:
        """What the network is for that these windows are for."""
        return Task(self.classes, self.input_scale, self.sample_rate)

    @property
    def held_labelled(self) -> bool:
        """Whether F1 can be measured on the held-out windows."""
        return self.labelled and len(self.held) > 0


def stride_of(length: int) -> int:
    """Return the samples from one window of a dense sweep to the next, for windows of `length`.

    Short ones are no windows of a signal but rows, side by side: what lies between two is neither.
    """
    return length if is_row(length) else length // _SWEEP


def is_row(length: int) -> bool:
    """Return whether windows of `length` are rows of a table, one behind the other."""
    return length < _SHORTEST


def gather(checkpoint: Checkpoint, options: DataOptions, say: Say = lambda _: None) -> Windows:
    """Return the windows that `options` name.

    What was read is said before it is used: whatever is refused then, its table stands above.

    Raises
    ------
    InputError
        If recordings cannot be used, or do not go with the checkpoint (classes, sample rate).
    """
    network = checkpoint.network
    told: tuple[str, ...] = ()
    read_as = signals.ReadAs()
    if options.data is None and checkpoint.calibration is not None and checkpoint.test is not None:
        told = idle.of_reading(options, "sample_rate", "channels", "snr_db", "noise", "healthy")
        return replace(_carried(checkpoint, options), notices=told)
    if options.data is None or options.data == "synthetic":
        _check_signal(checkpoint)
        told = idle.of_reading(options, *(("sample_rate",) if network.sample_rate else ()))
        dataset = _synthetic(network, options)
    elif rows.is_table(options.data):
        dataset, told, read_as = _rows(checkpoint, Path(options.data), options, say)
    else:
        dataset, told, read_as = _recordings(checkpoint, Path(options.data), options, say)
    # Synthetic signals are labelled for a network of just these classes: one trained on them.
    labelled = dataset.name != "synthetic" or network.classes == dataset.classes
    labelled = labelled and network.class_output is not None
    windows = _from_dataset(network, dataset, options, labelled=labelled)
    return replace(windows, notices=(*told, *windows.notices), read_as=read_as)


def _recordings(
    checkpoint: Checkpoint, folder: Path, options: DataOptions, say: Say
) -> tuple[signals.Dataset, tuple[str, ...], signals.ReadAs]:
    """Return recordings, what the user must know of them, and as what they were read.

    Raises
    ------
    InputError
        If they cannot be used, or are not in the checkpoint's unit.
    """
    trained = checkpoint.meta.read_as if checkpoint.meta else signals.ReadAs()
    reading, words = trained.complete(options.reading)
    told = [f"read as in training: {words}"] if words else []
    try:
        dataset = signals.read_dataset(
            folder, reading=reading, progress=telling(say, f"reading {folder}")
        )
    except InputError:
        for line in told:  # it may be why
            say(line)
        raise
    for line in report.data_lines(signals.summary(dataset)):
        say(line)
    first = dataset.recordings[0]
    dataset, judged = signals.judge_dataset(
        dataset, checkpoint.network.input_samples, unit=reading.unit
    )
    told += trained.check(first, options.reading, "the checkpoint's training data")
    return dataset, (*told, *judged), signals.ReadAs.of(reading, first)


def _check_signal(checkpoint: Checkpoint) -> None:
    """Refuse synthetic signals in the place of rows of a table."""
    if checkpoint.meta is not None and checkpoint.meta.read_as.columns is not None:
        raise InputError(
            "the network takes rows of a table, and synthetic signals are none: name a table with "
            "--data"
        )


def _rows(
    checkpoint: Checkpoint, path: Path, options: DataOptions, say: Say
) -> tuple[signals.Dataset, tuple[str, ...], signals.ReadAs]:
    """Return the rows of a table, what the user must know of them, and as what they were read."""
    columns = checkpoint.meta.read_as.columns if checkpoint.meta else None
    if columns is None:
        raise InputError(
            f"{path} is a file, and a table at most, which the network was not trained on; name "
            "the folder that holds the recordings"
        )
    rows.refuse_reading(options, "snr_db")
    return rows.read_more(path, columns, options.healthy, say), (), rows.read_as(columns)


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
        return signals.synthetic_dataset(
            seed=options.seed,
            classes=classes,
            sample_rate=rate,
            channels=options.channels or CHANNELS[: network.channels],
        )
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
    held = _fifth_of_each(calibration.labels)
    seen = np.flatnonzero(~held)
    seen = seen[spread(len(seen), _CALIBRATION)]
    return Windows(
        name=test.name,
        classes=class_names(network),
        input_scale=scale,
        sample_rate=network.sample_rate,
        calibration=calibration.x[seen].astype(np.float64),
        calibration_labels=calibration.labels[seen],
        held=calibration.x[held].astype(np.float64),
        held_labels=calibration.labels[held],
        test=test.x.astype(np.float64),
        labels=test.labels,
        labelled=network.class_output is not None,
        read_as=checkpoint.meta.read_as if checkpoint.meta else signals.ReadAs(),
    )


def _from_dataset(
    network: Network, dataset: signals.Dataset, options: DataOptions, *, labelled: bool
) -> Windows:
    scored = score_of(network) is not None
    _check_matches(network, dataset, labelled=labelled and not scored)
    healthy, told = healthy_of(dataset, options.healthy) if scored else (dataset.classes, "")
    length, size = network.input_samples, math.prod(network.input_shape)
    rows = length if is_row(length) else 1
    train, test = signals.split_dataset(dataset, window=length, multiple=rows)
    scale = options.input_scale or network.input_scale
    if scale is None:
        scale = signals.input_scale(only(train, healthy), options.snr_db)
    seen, rest = _seen_and_held(train, length)
    seen = only(seen, healthy)
    calibration, seen_labels = signals.dataset_windows(
        signals.noisy(seen, options.snr_db, options.seed, options.noise), length,
        length if is_row(length) else length // 2, _CALIBRATION,
    )  # fmt: skip
    held, held_labels = _held(rest, options, length, dataset.window_shape(length))
    places = signals.places(test, length, stride_of(length), max(1, _TEST_SAMPLES // size))
    noised = signals.noisy(test, options.snr_db, options.seed, options.noise)
    x, labels = signals.cut(noised, places, length)
    kinds = labels
    if scored:
        labels = as_anomalies(labels, test.classes, healthy)
        held_labels = as_anomalies(held_labels, test.classes, healthy)
        seen_labels = np.zeros_like(seen_labels)
    return Windows(
        name=dataset.name,
        classes=dataset.classes if labelled and not scored else class_names(network),
        input_scale=scale,
        sample_rate=network.sample_rate or dataset.sample_rate,
        calibration=calibration,
        calibration_labels=seen_labels,
        held=held,
        held_labels=held_labels,
        test=x,
        labels=labels,
        labelled=labelled,
        notices=_notices(dataset, options, length, places, told, labelled=labelled),
        clean_test=test,
        clean_train=seen,
        snr_db=options.snr_db,
        data=None if dataset.name == "synthetic" else signals.summary(dataset),
        places=places,
        kinds=test.classes if scored else (),
        kind_labels=kinds if scored else None,
    )


def _notices(
    dataset: signals.Dataset,
    options: DataOptions,
    length: int,
    places: signals.Places,
    told: str,
    *,
    labelled: bool,
) -> tuple[str, ...]:
    """Return what the user must know of windows; `told` is what is known of their classes."""
    tabled = are_rows(dataset)
    split = () if tabled else signals.by_file_notice(dataset, length)
    notices = [*dataset.notices, *split, *filter(None, (told,))]
    if not labelled and dataset.name == "synthetic":
        notices.append(_SYNTHETIC)
    if places.every > len(places):
        notices.append(
            f"{len(places):,} of {places.every:,} windows of the test part are measured, "
            "evenly spread over it"
        )
    if is_row(length) and not tabled:
        notices.append(f"windows of {length} samples are taken for rows: one behind the other")
    if options.snr_db is not None:
        notices.append(
            f"{options.noise} noise at {options.snr_db:g} dB SNR is added to every recording"
        )
    elif options.noise != WHITE:
        notices.append("no noise is added, so --noise does nothing; --snr says how much")
    return tuple(notices)


def _seen_and_held(
    train: signals.Dataset, length: int
) -> tuple[signals.Dataset, signals.Dataset | None]:
    """Return what calibration sees, and the rest if it is long enough for windows."""
    whole = signals.by_file(train, length + 1, _SEEN)
    inside = [len(each.samples) for each in train.recordings if each.label not in whole]
    shortest = min(inside, default=None)
    if (
        shortest is not None
        and min(int(shortest * _SEEN), shortest - int(shortest * _SEEN)) <= length
    ):
        return train, None
    rows = length if is_row(length) else 1
    return signals.split_dataset(train, _SEEN, window=length + 1, multiple=rows)


def _held(
    rest: signals.Dataset | None, options: DataOptions, length: int, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    if rest is None:
        return np.zeros((0, *shape)), np.zeros(0, dtype=np.int64)
    draws = 1 if options.snr_db is None else _DRAWS
    parts = [
        signals.dataset_windows(
            signals.noisy(rest, options.snr_db, options.seed + draw, options.noise),
            length,
            stride_of(length),
            max(1, _HELD_SAMPLES // math.prod(shape)),
        )
        for draw in range(draws)
    ]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def _fifth_of_each(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return every fifth window of each class: carried ones are spread over record and ratio."""
    held = np.zeros(len(labels), dtype=bool)
    for number in np.unique(labels):
        held[np.flatnonzero(labels == number)[2::5]] = True
    return held


def class_names(network: Network) -> tuple[str, ...]:
    """Return the network's class names, or numbers where it has none."""
    return network.classes or tuple(f"class {number}" for number in range(network.logits))


def check_rate(wanted: float | None, rate: float | None, source: str) -> None:
    """Raise `InputError` if a recording's sample rate is known not to be the network's."""
    if rate and wanted and abs(rate - wanted) > _RATE_TOLERANCE * wanted:
        raise InputError(
            f"sample rate of {source} must be the checkpoint's {wanted:g} Hz, not {rate:g} Hz; "
            f"resample the recordings"
        )


def _check_matches(network: Network, dataset: signals.Dataset, *, labelled: bool) -> None:
    check_rate(network.sample_rate, dataset.sample_rate, dataset.name)
    if dataset.channels != network.channels:
        option = "--channels" if network.channels > 1 else "--channel"
        raise InputError(
            f"{dataset.name} must be read with the checkpoint's {network.channels} channels, not "
            f"{dataset.channels}; say which with {option}"
        )
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
    chosen = np.concatenate([group[spread(len(group), each)] for group in groups])
    rest = np.setdiff1d(np.arange(len(classes)), chosen)
    missing = max(0, wanted - len(chosen))
    return np.concatenate([chosen, rest[spread(len(rest), missing)]])
