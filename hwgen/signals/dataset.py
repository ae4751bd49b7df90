"""A data set: labelled recordings, and the folder layouts it is read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.signals import cwru
from hwgen.signals.classes import label
from hwgen.signals.doubts import passed_over, questions, recording_notices
from hwgen.signals.files import read_recording
from hwgen.signals.listing import listing
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording, same_rate
from hwgen.signals.store import Store


@dataclass(frozen=True, eq=False)
class Dataset:
    """Recordings of known classes.

    Parameters
    ----------
    name
        ``"cwru"``, ``"synthetic"`` or the folder's path.
    classes
        Names of the classes; a class's index here is what a network answers.
    recordings
        At least one for each class.
    passed_over
        Files and folders of the set that are not used, by path from its folder.
    notices
        What was assumed, and what looks wrong: one sentence each.

    Raises
    ------
    InputError
        Recordings have different sample rates, or different numbers of channels.
    ValueError
        A class is named twice or has no recording, or a recording has no class.
    """

    name: str
    classes: tuple[str, ...]
    recordings: tuple[Recording, ...]
    passed_over: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        labels = {recording.label for recording in self.recordings}
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be different, not {self.classes}")
        if not self.classes or labels != set(self.classes):
            raise ValueError(
                f"recordings must be of the classes {self.classes}, each at least once, "
                f"not of {tuple(sorted(labels))}"
            )
        for recording in self.recordings:
            if recording.channels != self.channels:
                first = self.recordings[0]
                raise InputError(
                    f"{self.name}: recordings must have equally many channels, but "
                    f"{first.source} has {first.channels} and {recording.source} "
                    f"{recording.channels}; --channels says which"
                )
        known = [recording for recording in self.recordings if recording.sample_rate is not None]
        for recording in known:
            if not same_rate(recording.sample_rate, known[0].sample_rate):  # type: ignore[arg-type]
                raise InputError(
                    f"{self.name}: sample rates differ: {known[0].sample_rate:g} Hz in "
                    f"{known[0].source}, {recording.sample_rate:g} Hz in {recording.source}; "
                    "keep recordings of one rate; --class-from may choose them"
                )

    @property
    def channels(self) -> int:
        """Of each recording."""
        return self.recordings[0].channels

    def window_shape(self, length: int) -> tuple[int, ...]:
        """Return the shape of a window: ``(length,)`` of one channel, else with them in front."""
        return (length,) if self.channels == 1 else (self.channels, length)

    @property
    def sample_rate(self) -> float | None:
        """Hz, common to all recordings; None where no recording states it."""
        rates = (recording.sample_rate for recording in self.recordings)
        return next((rate for rate in rates if rate is not None), None)


def read_dataset(
    folder: Path | str,
    *,
    reading: Reading = Reading(),  # noqa: B008 -- frozen
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Dataset:
    """Read a folder that holds one recording a class, or one folder of recordings a class.

    In this order: the expression ``reading.class_from`` says a file's class; a manifest
    ``classes.csv`` does; the folder in which it lies, at any depth, does; a file is a class of
    its own. Then its class is the fault in a CWRU name (``12k_Drive_End_OR007@6_0_130.mat``:
    ``OR007``), else its name without ending; if that gives two files one class, all classes are
    the names without ending. Classes are sorted by name, character by character, but numbers by
    value; a manifest's are in its own order. Hidden files are left out; other files that are no
    recordings are in ``passed_over``. A recording that does not state its sample rate takes the
    others'.

    Parameters
    ----------
    folder
        The folder's path.
    reading
        What the user says of the recordings.
    progress
        Told (done, of) files.

    Raises
    ------
    InputError
        Not a folder; no recordings; recordings both beside and in folders; two files of one
        class; different sample rates; a bad manifest; or a bad recording.
    FileAccessError
        The folder or a file is missing or cannot be read.
    """
    folder = Path(folder)
    found = listing(folder)
    labelled = label(folder, found, reading.class_from)
    store = Store()
    recordings: list[Recording] = []
    for path, name in labelled.files:
        progress(len(recordings), len(labelled.files))
        recording = read_recording(folder / path, label=name, reading=reading, store=store)
        recordings.append(replace(recording, source=path.as_posix()))
    published = all(cwru.follows(path.stem) for path, _ in labelled.files)
    dataset = Dataset("cwru" if published else str(folder), labelled.classes, tuple(recordings))
    rate = dataset.sample_rate
    return replace(
        dataset,
        recordings=tuple(replace(recording, sample_rate=rate) for recording in recordings),
        passed_over=passed_over(found, labelled),
        notices=(
            *labelled.notices, *questions(found, labelled), *recording_notices(tuple(recordings))
        ),
    )  # fmt: skip
