"""Recordings to our own checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen import report, signals
from hwgen.flow.patience import telling
from hwgen.flow.stage import Say


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
    shape
        Fields of `hwgen.training.Architecture`.
    recipe
        Name of one of `hwgen.training.RECIPES`.

    Raises
    ------
    InputError
        If the recordings cannot be used.
    UsageError
        If there is no such recipe or method.
    FileAccessError
        If `output` cannot be written: told before the training, not after it.
    """
    from hwgen import files, lock
    from hwgen.checkpoint import save_checkpoint
    from hwgen.flow import doubt
    from hwgen.training import Architecture, recipe_named, train

    resume = output.with_name(output.name + ".resume")
    with lock.output(output), lock.output(resume):
        for path in (output, resume):
            files.check_writable(path)
        chosen = recipe_named(recipe)
        architecture = Architecture(**(shape or {}))
        read_as = signals.ReadAs()
        if data == "synthetic":
            dataset = signals.synthetic_dataset(seed=seed, classes=classes)
        else:
            dataset = _recordings(Path(data), reading, architecture.window, say)
            read_as = signals.ReadAs.of(reading, dataset.recordings[0])
        result = train(
            dataset,
            snr_db=snr_db,
            seed=seed,
            epochs=epochs,
            architecture=architecture,
            recipe=chosen,
            method=method,
            progress=progress,
            say=say,
            resume=resume,
        )
        for line in doubt.of_training(result.metrics["f1"], len(dataset.classes)):
            say(line)
        save_checkpoint(
            output,
            result.network,
            meta=replace(result.meta, read_as=read_as),
            calibration=result.calibration,
            test=result.test,
        )
        with files.access(resume, "write"):
            resume.unlink(missing_ok=True)
        return dict(result.metrics)


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
