"""Recordings other than those of the training, to test on: read, checked, and answered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hwgen import golden, metrics, signals
from hwgen.errors import InputError, UsageError
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.options import DataOptions
from hwgen.flow.patience import telling
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows, check_rate, stride_of
from hwgen.importers import Checkpoint
from hwgen.network import Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.matched import matched

_MOST_SAMPLES = 1 << 22
"""In the windows of a folder at one ratio, at most: 2,048 windows of 2,048."""


@dataclass(frozen=True)
class Wanted:
    """What recordings must be like.

    Parameters
    ----------
    classes
        Of the network.
    sample_rate
        Hz; None: any.
    channels
        Of each recording.
    window
        Samples that each must have at least.
    """

    classes: tuple[str, ...]
    sample_rate: float | None
    channels: int
    window: int

    @classmethod
    def of(cls, network: Network, windows: Windows) -> Wanted:
        """Return what goes into a network, with the classes of the windows it is tested on."""
        return cls(windows.classes, windows.sample_rate, network.channels, network.input_samples)


def read(
    folders: Sequence[str], reading: signals.Reading, wanted: Wanted, data: str | None, say: Say
) -> dict[str, signals.Dataset]:
    """Return the recordings of each folder by its name, with the network's classes.

    Parameters
    ----------
    reading
        How they are to be read: as those of the training.
    data
        Folder of the recordings that train; the others must not lie in it.

    Raises
    ------
    UsageError
        If two folders have one name, or one is that of the training or in it.
    InputError
        If recordings cannot be used, or do not go with the network (classes, rate, channels).
    """
    found: dict[str, signals.Dataset] = {}
    for folder in folders:
        name = Path(folder).resolve().name
        if name in found:
            raise UsageError(f"--test-data must be folders of different names, not two {name!r}")
        if data not in (None, "synthetic") and _within(folder, str(data)):
            raise UsageError(
                f"--test-data must be other recordings than --data: {folder} lies in {data}"
            )
        found[name] = _read(Path(folder), reading, wanted, say)
    return found


def like(
    dataset: signals.Dataset,
    window: int,
    folders: Sequence[str],
    reading: signals.Reading,
    data: str,
    say: Say,
) -> dict[str, signals.Dataset]:
    """Return what `read` does, for a network that `dataset` is to train."""
    wanted = Wanted(dataset.classes, dataset.sample_rate, dataset.channels, window)
    return read(folders, reading, wanted, data, say)


def _within(folder: str, data: str) -> bool:
    return Path(folder).resolve().is_relative_to(Path(data).resolve())


def _read(folder: Path, reading: signals.Reading, wanted: Wanted, say: Say) -> signals.Dataset:
    dataset = signals.read_dataset(
        folder, reading=reading, progress=telling(say, f"reading {folder}")
    )
    dataset, judged = signals.judge_dataset(dataset, wanted.window, unit=reading.unit)
    for line in (*dataset.notices, *judged):
        say(f"{folder}: {line}")
    check_rate(wanted.sample_rate, dataset.sample_rate, str(folder))
    if dataset.channels != wanted.channels:
        raise InputError(
            f"{folder} must have the network's {wanted.channels} channels, not {dataset.channels}"
        )
    for recording in dataset.recordings:
        if len(recording.samples) < wanted.window:
            raise InputError(
                f"{folder / recording.source} must have at least the {wanted.window} samples of a "
                f"window, not {len(recording.samples)}; leave it out"
            )
    dataset = matched(dataset, wanted.classes, str(folder))
    lacking = [name for name in wanted.classes if name not in dataset.classes]
    if lacking:
        say(f"{folder} has no {', '.join(lacking)}: F1 there is that of the other classes")
    return dataset


def of_checkpoint(
    checkpoint: Checkpoint, windows: Windows, options: DataOptions, say: Say
) -> dict[str, signals.Dataset]:
    """Return the recordings of ``--test-data``, read as those of the training; none without it.

    Raises
    ------
    UsageError, InputError
        As `read`; also where the network has no classes.
    """
    if not options.test_data:
        return {}
    if checkpoint.network.class_output is None:
        raise UsageError("--test-data must be left out: the network tells no class")
    trained = checkpoint.meta.read_as if checkpoint.meta else signals.ReadAs()
    reading, _ = trained.complete(options.reading)
    wanted = Wanted.of(checkpoint.network, windows)
    found = read(options.test_data, reading, wanted, options.data, say)
    for dataset in found.values():
        for line in trained.check(
            dataset.recordings[0], options.reading, "the checkpoint's training data"
        ):
            say(line)
    return found


def told(
    accuracy: Accuracy,
    others: Mapping[str, signals.Dataset],
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    options: DataOptions,
) -> Accuracy:
    """Return the accuracy with that on other recordings, if there are any."""
    if not others:
        return accuracy
    return replace(accuracy, other=measured(others, network, model, windows, options))


def measured(
    others: Mapping[str, signals.Dataset],
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    options: DataOptions,
) -> list[dict[str, Any]]:
    """Return how both networks answer on other recordings, clean and at the stated ratio.

    Windows are those of a dense sweep over whole recordings, 2,048 at most at each ratio.

    Parameters
    ----------
    windows
        Of the build: its classes are those of the networks.

    Returns
    -------
    ``data``, ``snr_db`` (null: clean), ``windows``, ``float_f1`` and ``fixed_f1`` (means over the
    classes that there are), ``classes`` and ``lacking``: names.
    """
    snrs = list(dict.fromkeys((None, options.snr_db)))
    return [
        _measured(name, dataset, network, model, windows, snr, options)
        for name, dataset in others.items()
        for snr in snrs
    ]


def _measured(
    name: str,
    dataset: signals.Dataset,
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    snr_db: float | None,
    options: DataOptions,
) -> dict[str, Any]:
    classes, length = windows.classes, network.input_samples
    most = max(1, _MOST_SAMPLES // math.prod(network.input_shape))
    where = signals.places(dataset, length, stride_of(length), most)
    noised = signals.noisy(dataset, snr_db, options.seed, options.noise)
    x, own = signals.cut(noised, where, length)
    labels = [classes.index(dataset.classes[number]) for number in own]
    answers = {
        "float_f1": network.judged(x * windows.input_scale).argmax(axis=1),
        "fixed_f1": golden.classify(golden.judged(model, digitise(x, model.bits))),
    }
    scores = {
        key: metrics.macro_f1_of_present(labels, found, len(classes))
        for key, found in answers.items()
    }
    return {
        "data": name,
        "snr_db": snr_db,
        "windows": len(x),
        **scores,
        "classes": list(dataset.classes),
        "lacking": [each for each in classes if each not in dataset.classes],
    }
