"""Recordings to our own checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import report, signals, zoo
from hwgen.flow.patience import telling
from hwgen.flow.stage import Say
from hwgen.flow.windows import idle
from hwgen.signals.synthetic import CHANNELS

if TYPE_CHECKING:
    from hwgen.training import TrainResult


def train_checkpoint(
    data: str,
    output: Path,
    *,
    say: Say,
    progress: Callable[[int, int, float], None] | None = None,
    snr_db: float | None = None,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
    seed: int = 0,
    epochs: int | None = None,
    classes: int = 10,
    network: str = "bearingpga",
    shape: Mapping[str, Any] | None = None,
    recipe: str = "default",
    method: str | None = None,
) -> dict[str, float]:
    """Train, write the checkpoint, and return the metrics.

    Parameters
    ----------
    data
        Folder of recordings, or ``"synthetic"``.
    output
        Checkpoint to write. Until it is, ``OUTPUT.resume`` beside it keeps where the training is:
        the same command goes on from there after an interruption.
    epochs, method
        Instead of the recipe's.
    network
        Name of one of `hwgen.zoo`.
    shape
        Fields of its design that are not to be the published ones.
    recipe
        Name of one of its recipes.

    Raises
    ------
    InputError
        If the recordings cannot be used.
    UsageError
        If there is no such network, size, recipe, method or channel.
    FileAccessError
        If `output` cannot be written: told before the training, not after it.
    """
    from hwgen import files, lock
    from hwgen.flow import doubt
    from hwgen.training import train

    resume = output.with_name(output.name + ".resume")
    with lock.output(output), lock.output(resume):
        for path in (output, resume):
            files.check_writable(path)
        design = zoo.designed(network, shape or {})
        chosen = design.recipe(recipe)
        dataset, read_as = _data(data, reading, seed, classes, design.window, say)
        result = train(
            dataset,
            design,
            snr_db=snr_db,
            seed=seed,
            epochs=epochs,
            recipe=chosen,
            method=method,
            progress=progress,
            say=say,
            resume=resume,
        )
        for line in doubt.of_training(result.metrics["f1"], len(dataset.classes)):
            say(line)
        _write(output, result, read_as)
        with files.access(resume, "write"):
            resume.unlink(missing_ok=True)
        return dict(result.metrics)


def _write(output: Path, result: TrainResult, read_as: signals.ReadAs) -> None:
    from hwgen.checkpoint import save_checkpoint

    save_checkpoint(
        output,
        result.network,
        meta=replace(result.meta, read_as=read_as),
        calibration=result.calibration,
        test=result.test,
    )


def _data(
    data: str, reading: signals.Reading, seed: int, classes: int, window: int, say: Say
) -> tuple[signals.Dataset, signals.ReadAs]:
    """Return the recordings, and as what they were read."""
    if data == "synthetic":
        for line in idle(reading, "sample_rate"):
            say(line)
        channels = reading.channels or CHANNELS[:1]
        made = signals.synthetic_dataset(seed=seed, classes=classes, channels=channels)
        return made, signals.ReadAs()
    dataset = _recordings(Path(data), reading, window, say)
    return dataset, signals.ReadAs.of(reading, dataset.recordings[0])


def _recordings(folder: Path, reading: signals.Reading, window: int, say: Say) -> signals.Dataset:
    """Return the recordings of a folder, without dropouts, after saying all there is to know."""
    dataset = signals.read_dataset(
        folder, reading=reading, progress=telling(say, f"reading {folder}")
    )
    notices = (*dataset.notices, *signals.by_file_notice(dataset, window))
    for line in (*report.data_lines(signals.summary(dataset)), *notices):
        say(line)
    dataset, judged = signals.judge_dataset(dataset, window, unit=reading.unit)
    for line in judged:
        say(line)
    return dataset
