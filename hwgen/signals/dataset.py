"""A data set: labelled recordings, and the folder layouts it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwgen.errors import InputError
from hwgen.files import access
from hwgen.signals import cwru, formats
from hwgen.signals.files import read_recording
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording, same_rate


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

    Raises
    ------
    InputError
        Recordings have different sample rates.
    ValueError
        A class is named twice or has no recording, or a recording has no class.
    """

    name: str
    classes: tuple[str, ...]
    recordings: tuple[Recording, ...]

    def __post_init__(self) -> None:
        labels = {recording.label for recording in self.recordings}
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be different, not {self.classes}")
        if not self.classes or labels != set(self.classes):
            raise ValueError(
                f"recordings must be of the classes {self.classes}, each at least once, "
                f"not of {tuple(sorted(labels))}"
            )
        known = [recording for recording in self.recordings if recording.sample_rate is not None]
        for recording in known:
            if not same_rate(recording.sample_rate, known[0].sample_rate):  # type: ignore[arg-type]
                raise InputError(
                    f"{self.name}: sample rates differ: {known[0].sample_rate:g} Hz in "
                    f"{known[0].source}, {recording.sample_rate:g} Hz in {recording.source}; "
                    "keep recordings of one rate"
                )

    @property
    def sample_rate(self) -> float | None:
        """Hz, common to all recordings; None where no recording states it."""
        rates = (recording.sample_rate for recording in self.recordings)
        return next((rate for rate in rates if rate is not None), None)


def read_dataset(folder: Path | str, *, reading: Reading = Reading()) -> Dataset:  # noqa: B008
    """Read a folder that holds one recording a class, or one sub-folder of recordings a class.

    Classes are in the order of the sorted file or sub-folder names. A file's class is the fault
    in a CWRU name (``12k_Drive_End_OR007@6_0_130.mat``: ``OR007``), else its name without
    ending; if that gives two files one class, all classes are the names without ending. Hidden
    files and files with other endings are passed over. A recording that does not state its
    sample rate takes the others'.

    Parameters
    ----------
    folder
        The folder's path.
    reading
        What the user says of the recordings.

    Raises
    ------
    InputError
        Not a folder; no recordings; recordings both beside and in sub-folders; two files of one
        class; different sample rates; or a bad recording.
    FileAccessError
        The folder or a file is missing or cannot be read.
    """
    folder = Path(folder)
    labelled = _labelled_files(folder)
    recordings = tuple(
        read_recording(path, label=label, reading=reading) for path, label in labelled
    )
    published = all(cwru.follows(path.stem) for path, _ in labelled)
    classes = tuple(dict.fromkeys(label for _, label in labelled))
    dataset = Dataset("cwru" if published else str(folder), classes, recordings)
    rate = dataset.sample_rate
    return replace(
        dataset, recordings=tuple(replace(recording, sample_rate=rate) for recording in recordings)
    )


def _labelled_files(folder: Path) -> list[tuple[Path, str]]:
    """Return every recording's path with its class, in order."""
    files, folders = _contents(folder)
    by_folder = {sub.name: _contents(sub)[0] for sub in folders}
    inside = [(path, name) for name, paths in by_folder.items() for path in paths]
    if files and inside:
        raise InputError(
            f"{folder} holds recordings ({files[0].name}, ...) beside a folder of recordings "
            f"({inside[0][1]}); use one file a class or one folder a class"
        )
    if not files and not inside:
        raise InputError(
            f"{folder} holds no recordings; it must hold files that end in "
            f"{', '.join(formats.endings())}, one a class or one folder a class"
        )
    return inside or list(zip(files, _file_classes(folder, files), strict=True))


def _contents(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the recordings and the folders directly in `folder`, sorted by name."""
    with access(folder, "read"):
        folder.stat()
        if not folder.is_dir():
            raise InputError(f"{folder} is a file; name the folder that holds the recordings")
        visible = sorted(
            (entry for entry in folder.iterdir() if not entry.name.startswith(".")),
            key=lambda entry: entry.name,
        )
        files = [
            entry
            for entry in visible
            if entry.suffix.lower() in formats.endings() and not entry.is_dir()
        ]
        return files, [entry for entry in visible if entry.is_dir()]


def _file_classes(folder: Path, files: Sequence[Path]) -> list[str]:
    """Return one class a file, all different."""
    stems = [path.stem for path in files]
    faults = [cwru.fault(stem) for stem in stems]
    for names in (faults, stems):
        if len(set(names)) == len(names):
            return names
    twice = next(stem for stem in stems if stems.count(stem) > 1)
    raise InputError(
        f"{folder} holds two recordings called {twice!r}; rename one, or use one folder a class"
    )
