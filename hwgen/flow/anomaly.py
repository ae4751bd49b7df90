"""Healthy recordings to our own checkpoint of an autoencoder with a threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from hwgen import files, signals, zoo
from hwgen.errors import UsageError
from hwgen.flow import idle, rows, score_doubts
from hwgen.flow.healthy import Sorted, sort
from hwgen.flow.stage import Say
from hwgen.flow.train import TrainingOptions, folder_dataset, recipe_of, resumable, write
from hwgen.signals.rows import are_rows
from hwgen.signals.run_to_failure import HEALTHY, Moment, healthy_dataset, run_to_failure
from hwgen.signals.synthetic import CHANNELS

if TYPE_CHECKING:
    from hwgen.network.threshold import Rule
    from hwgen.training.autoencoder import Autoencoder
    from hwgen.training.one_class import OneClassResult

SYNTHETIC = "synthetic"

_Read: TypeAlias = tuple[Sorted, tuple[Moment, ...], signals.ReadAs]
"""The recordings or rows, those of a life, and as what they were read."""


@dataclass(frozen=True)
class AnomalyData:
    """Where recordings are.

    Parameters
    ----------
    data
        Folder of healthy ones, or of all, or a table's file, or ``"synthetic"``.
    faulty
        Folder (or table) of faulty ones; None: those in `data` whose class is not called normal.
    run_to_failure
        Folder of recordings of one machine, in the order of their names; None: of synthetic
        signals a synthetic life, else none.
    reading
        As what they are read.
    healthy
        Classes that are healthy, among others in `data`; empty: those that are called so.
    target
        Of a table, the column with the classes; None: `hwgen.flow.rows` chooses.
    """

    data: str
    faulty: Path | None = None
    run_to_failure: Path | None = None
    reading: signals.Reading = field(default_factory=signals.Reading)
    healthy: tuple[str, ...] = ()
    target: str | None = None

    def __post_init__(self) -> None:
        if self.target is not None and not rows.is_table(self.data):
            raise UsageError(
                f"--target must come with a table as --data, not {self.data}: name a .csv, .npz or "
                ".mat file"
            )
        if self.healthy and (self.faulty or self.data == SYNTHETIC):
            raise UsageError(
                "--healthy must come with a folder of --data that has all classes: leave it out, "
                "or --faulty"
            )
        if self.data == SYNTHETIC and (self.faulty or self.run_to_failure):
            raise UsageError(
                "--faulty and --run-to-failure must come with a folder of --data, not synthetic: "
                "synthetic signals have both"
            )


def train_anomaly(
    where: AnomalyData,
    output: Path,
    options: TrainingOptions,
    rule: Rule,
    *,
    say: Say,
    progress: Callable[[int, int, float], None] | None = None,
    snr_db: float | None = None,
    seed: int = 0,
    classes: int | None = None,
) -> dict[str, float]:
    """Train, choose the threshold, write the checkpoint, and return the metrics.

    Parameters
    ----------
    rule
        Of the threshold.
    output, options, say, progress, snr_db, seed, classes
        As of `hwgen.flow.train.train_checkpoint`.

    Raises
    ------
    InputError
        If no recording is healthy, or they cannot be used.
    UsageError
        If there is no such network, size, recipe or channel, or it is none for this task.
    FileAccessError
        If `output` cannot be written or is a recording.
    """
    from hwgen.training.one_class import train_one_class

    with resumable(output) as resume:
        design, (told, life, read_as) = _gathered(where, seed, classes, snr_db, options, say)
        recipe = recipe_of(design, options)
        _check_output(output, where, told, life)
        _say_told(told, design.window, say)
        result = train_one_class(
            told.healthy,
            told.faulty,
            design,
            snr_db=snr_db,
            rule=rule,
            seed=seed,
            epochs=options.epochs,
            recipe=recipe,
            progress=progress,
            say=say,
            resume=resume,
        )
        metrics = result.trained.metrics | _delay(result, life, design.window, say)
        for line in score_doubts.of(result.judged, metrics, rule):
            say(line)
        meta = replace(result.trained.meta, metrics=metrics)
        write(output, replace(result.trained, meta=meta, metrics=metrics), read_as)
        return metrics


def _gathered(
    where: AnomalyData,
    seed: int,
    classes: int | None,
    snr_db: float | None,
    options: TrainingOptions,
    say: Say,
) -> tuple[Autoencoder, _Read]:
    """Return the network that is to be trained, and what it is trained on."""
    if rows.is_table(where.data):
        return _read_rows(where, classes, snr_db, options, say)
    design = _designed(options)
    return design, _read(where, seed, classes, design.window, say)


def _say_told(told: Sorted, window: int, say: Say) -> None:
    """Say what was taken for what, and what is doubtful about it."""
    from hwgen.training.conditions import doubts

    say(told.why)
    if not are_rows(told.healthy):  # they have no conditions to differ in
        for line in doubts(told.healthy, told.faulty, window):
            say(line)


def _designed(options: TrainingOptions) -> Autoencoder:
    from hwgen.training.autoencoder import Autoencoder

    design = zoo.designed(options.network, options.shape)
    if not isinstance(design, Autoencoder):
        raise UsageError(
            f"--network of --task anomaly must be one of {', '.join(zoo.of_task('anomaly'))}, "
            f"not {options.network}; they make their input again"
        )
    if options.method is not None:
        raise UsageError("--method must come without --task anomaly: there is no teacher")
    return design


def _delay(
    result: OneClassResult, life: tuple[Moment, ...], window: int, say: Say
) -> dict[str, float]:
    """Return and say when a failing machine is noticed; nothing where there is none."""
    from hwgen.training.detection import detect

    if not life:
        return {}
    found = detect(life, result.score, result.judged.threshold, window)
    say(found.told())
    return found.metrics()


def _read(where: AnomalyData, seed: int, classes: int | None, window: int, say: Say) -> _Read:
    """Return what `_Read` is, of recordings."""
    if where.data == SYNTHETIC:
        return *_synthetic(where.reading, seed, classes, say), signals.ReadAs()
    for line in idle.of_training(classes):
        say(line)
    data = folder_dataset(Path(where.data), where.reading, window, say)
    faults = where.faulty and folder_dataset(where.faulty, where.reading, window, say)
    life: tuple[Moment, ...] = ()
    if where.run_to_failure is not None:
        found = folder_dataset(where.run_to_failure, where.reading, window, say)
        life = tuple(Moment(None, None, recording) for recording in found.recordings)
    read_as = signals.ReadAs.of(where.reading, data.recordings[0])
    return sort(data, faults or None, where.healthy), life, read_as


def _read_rows(
    where: AnomalyData,
    classes: int | None,
    snr_db: float | None,
    options: TrainingOptions,
    say: Say,
) -> tuple[Autoencoder, _Read]:
    """Return a network of the rows of a table, and these."""
    rows.refuse_reading(where.reading)
    given = {"--snr": snr_db, "--noise": options.noise, "--run-to-failure": where.run_to_failure}
    for option in (name for name, value in given.items() if value is not None):
        raise UsageError(f"{option} must come with recordings, not with a table: leave it out")
    for line in idle.of_training(classes):
        say(line)
    data, columns = rows.read_training(
        Path(where.data), where.target, where.healthy, say, sound=where.faulty is not None
    )
    faults = where.faulty and rows.read_faulty(where.faulty, columns, say)
    shape = rows.shape_of(columns, options.network, options.shape)
    told = sort(data, faults or None, where.healthy)
    return _designed(replace(options, shape=shape)), (told, (), rows.read_as(columns))


def _synthetic(
    reading: signals.Reading, seed: int, classes: int | None, say: Say
) -> tuple[Sorted, tuple[Moment, ...]]:
    for line in idle.of_reading(reading, "sample_rate"):
        say(line)
    if reading.channels:
        raise UsageError(
            "--channels must be left out for synthetic signals of --task anomaly: they have "
            f"one, {CHANNELS[0]}"
        )
    number: dict[str, Any] = {} if classes is None else {"classes": classes}
    every = signals.synthetic_dataset(seed=seed, **number)
    faults = tuple(name for name in every.classes if name != HEALTHY)
    kept = tuple(recording for recording in every.recordings if recording.label in faults)
    faulty = replace(every, classes=faults, recordings=kept)
    return sort(healthy_dataset(seed), faulty), run_to_failure(seed)


def _check_output(output: Path, where: AnomalyData, told: Sorted, life: tuple[Moment, ...]) -> None:
    """Refuse to write over a recording."""
    faulty = () if told.faulty is None else told.faulty.recordings
    if rows.is_table(where.data):
        read = [Path(where.data), *([where.faulty] if where.faulty else [])]
    else:
        read = [Path(where.data, each.source) for each in (*told.healthy.recordings, *faulty)]
        read += [Path(where.faulty, each.source) for each in faulty if where.faulty]
    if where.run_to_failure:
        read += [Path(where.run_to_failure, each.recording.source) for each in life]
    files.check_writable(output, read=read)
