"""Recordings to our own checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import files, lock, report, signals, zoo
from hwgen.errors import UsageError
from hwgen.flow import idle, others
from hwgen.flow.patience import telling
from hwgen.flow.stage import Say
from hwgen.signals.synthetic import CHANNELS

if TYPE_CHECKING:
    from hwgen.training import Design, Recipe, TrainResult


@dataclass(frozen=True)
class TrainingOptions:
    """Which network is trained, and how.

    Parameters
    ----------
    network
        Name of one of `hwgen.zoo`.
    shape
        Fields of its design that are not to be the published ones.
    recipe
        Name of one of its recipes.
    epochs, method, noise
        Instead of the recipe's.
    """

    network: str = zoo.DEFAULT
    shape: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = "default"
    epochs: int | None = None
    method: str | None = None
    noise: str | None = None


def train_checkpoint(
    data: str,
    output: Path,
    options: TrainingOptions = TrainingOptions(),
    *,
    say: Say,
    progress: Callable[[int, int, float], None] | None = None,
    snr_db: float | None = None,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
    seed: int = 0,
    classes: int | None = None,
    test_data: Sequence[str] = (),
) -> dict[str, float]:
    """Train, write the checkpoint, and return the metrics.

    Parameters
    ----------
    data
        Folder of recordings, or ``"synthetic"``.
    output
        Checkpoint to write. Until it is, ``OUTPUT.resume`` beside it keeps where the training is:
        the same command goes on from there after an interruption.
    classes
        Of the synthetic signals; None: as many as they usually have.
    test_data
        Folders of further recordings to test on, which are of some of the classes.

    Raises
    ------
    InputError
        If the recordings cannot be used.
    UsageError
        If there is no such network, size, recipe, method or channel.
    FileAccessError
        If `output` cannot be written or is a recording: told before the training, not after it.
    """
    from hwgen.training import train

    with resumable(output) as resume:
        design = _designed(options)
        recipe = recipe_of(design, options)
        dataset, read_as = recordings_of(data, reading, seed, classes, design.window, say)
        files.check_writable(output, read=[Path(data, each.source) for each in dataset.recordings])
        elsewhere = others.like(dataset, design.window, test_data, reading, data, say)
        result = train(
            dataset,
            design,
            snr_db=snr_db,
            seed=seed,
            epochs=options.epochs,
            recipe=recipe,
            method=options.method,
            progress=progress,
            say=say,
            resume=resume,
            others=elsewhere,
        )
        _doubted(result, say)
        write(output, result, read_as)
        return dict(result.metrics)


def recipe_of(design: Design, options: TrainingOptions) -> Recipe:
    """Return the recipe that is asked for; `UsageError` if there is none of its name."""
    recipe = design.recipe(options.recipe)
    return recipe if options.noise is None else replace(recipe, noise=options.noise)


def _designed(options: TrainingOptions) -> Design:
    design = zoo.designed(options.network, options.shape)
    if design.task != "classes":
        raise UsageError(
            f"--network {options.network} must come with --task anomaly: it knows healthy "
            "windows alone, and tells no classes apart"
        )
    return design


@contextmanager
def resumable(output: Path) -> Iterator[Path]:
    """Yield the path of the file that keeps where a training is, which goes at its end.

    Nobody else writes the two files meanwhile. What fails leaves the file for the next run.
    """
    resume = output.with_name(output.name + ".resume")
    with lock.output(output), lock.output(resume):
        for path in (output, resume):
            files.check_writable(path)
        yield resume
        with files.access(resume, "write"):
            resume.unlink(missing_ok=True)


def _doubted(result: TrainResult, say: Say) -> None:
    """Say what is doubtful about a training."""
    from hwgen.flow import doubt

    for line in doubt.of_training(result.metrics["f1"], len(result.network.classes)):
        say(line)


def write(output: Path, result: TrainResult, read_as: signals.ReadAs) -> None:
    """Write the checkpoint of a training."""
    from hwgen.importers import save_checkpoint

    save_checkpoint(
        output,
        result.network,
        meta=replace(result.meta, read_as=read_as),
        calibration=result.calibration,
        test=result.test,
    )


def recordings_of(
    data: str, reading: signals.Reading, seed: int, classes: int | None, window: int, say: Say
) -> tuple[signals.Dataset, signals.ReadAs]:
    """Return the recordings, and as what they were read."""
    if data == "synthetic":
        for line in idle.of_reading(reading, "sample_rate"):
            say(line)
        channels = reading.channels or CHANNELS[:1]
        number: dict[str, Any] = {} if classes is None else {"classes": classes}
        made = signals.synthetic_dataset(seed=seed, channels=channels, **number)
        return made, signals.ReadAs()
    for line in idle.of_training(classes):
        say(line)
    dataset = folder_dataset(Path(data), reading, window, say)
    return dataset, signals.ReadAs.of(reading, dataset.recordings[0])


def folder_dataset(
    folder: Path, reading: signals.Reading, window: int, say: Say
) -> signals.Dataset:
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
