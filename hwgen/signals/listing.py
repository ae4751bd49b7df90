"""What lies in a folder of recordings: files that can be recordings, and everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hwgen.errors import InputError
from hwgen.files import access
from hwgen.signals import formats

MANIFEST = "classes.csv"
"""Says the class of each file, where names and folders do not."""

_MOST = 200_000
"""Files below one folder; a whole disk named by mistake is told so instead of read."""

_DEEPEST = 32
"""Folders in folders; a link that leads back to a folder above it ends here too."""

_DESCRIBES = re.compile(
    r"(read[ _-]?me|licen[sc]e|copying|citation|change ?log|notes?|info(rmation)?|description|"
    r"documentation|index|contents|meta([ _-]?data)?|labels?|annotations?|targets?|"
    r"ground[ _-]?truth|manifest|requirements|checksums?|md5(sums?)?|sha\d*(sums?)?)",
    re.IGNORECASE,
)
"""Names, without ending, of files that describe recordings and are none."""

_TEXTS = (".csv", ".txt", ".dat", ".asc", ".tsv", "")
"""Endings of such files; without one it is any text."""


@dataclass(frozen=True)
class Listing:
    """The visible files below a folder, by path from there, folder by folder in natural order.

    Parameters
    ----------
    recordings
        Files whose name can be that of a recording.
    others
        Files that are none, the manifest left out.
    folders
        Every folder.
    """

    recordings: tuple[PurePosixPath, ...]
    others: tuple[PurePosixPath, ...]
    folders: tuple[PurePosixPath, ...]


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``2`` before ``10``, in names too: ``acc_2`` before ``acc_10``."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part
    )


def listing(folder: Path) -> Listing:
    """Return what lies in `folder` and below it, but for what is hidden and hwgen's own builds.

    Raises
    ------
    InputError
        `folder` is a file, or holds too much to be a set of recordings.
    FileAccessError
        It is missing, or it or a folder below it cannot be read.
    """
    with access(folder, "read"):
        folder.stat()
        if not folder.is_dir():
            raise InputError(f"{folder} is a file; name the folder that holds the recordings")
    recordings, others, folders = [], [], []
    for count, (path, is_folder) in enumerate(_below(folder, PurePosixPath(), 0)):
        if count >= _MOST:
            raise InputError(
                f"{folder} must hold at most {_MOST:,} files and folders; name the folder that "
                "holds the recordings and nothing else"
            )
        if is_folder:
            folders.append(path)
        elif can_be_recording(path.name):
            recordings.append(path)
        elif path.as_posix() != MANIFEST:
            others.append(path)
    return Listing(tuple(recordings), tuple(others), tuple(folders))


def _below(folder: Path, inside: PurePosixPath, depth: int) -> Iterator[tuple[PurePosixPath, bool]]:
    """Yield path from the root, and whether it is a folder: a folder before what it holds."""
    if depth > _DEEPEST:
        raise InputError(
            f"{folder} lies more than {_DEEPEST} folders deep; name a folder further down, or "
            "remove the link that leads back up"
        )
    with access(folder, "read"):
        visible = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        visible.sort(key=lambda entry: natural(entry.name))
        kinds = [entry.is_dir() for entry in visible]
        builds = {entry for entry in visible if _is_build(entry)}
    for entry, is_folder in zip(visible, kinds, strict=True):
        if entry in builds:
            continue
        yield inside / entry.name, is_folder
        if is_folder:
            yield from _below(entry, inside / entry.name, depth + 1)


def _is_build(folder: Path) -> bool:
    """Return whether hwgen builds there: `--data .` must not read what it wrote itself."""
    return any((folder / name).is_file() for name in ("settings.json", "ir/stage.json"))


def can_be_recording(name: str) -> bool:
    """Return whether a file of this name can be a recording: its ending is that of a format.

    Files such as ``README.txt`` and ``labels.csv`` are taken for what they say they are; a name
    without an ending must have a digit (``2003.10.22.12.06.24``, unlike ``Makefile``).
    """
    ending = formats.ending_of(name)
    stem = name.removesuffix(PurePosixPath(name).suffix) if ending else name
    if not ending and not any(char.isdecimal() for char in name):
        return False
    if name == MANIFEST or (ending in _TEXTS and _DESCRIBES.fullmatch(stem)):
        return False
    return ending in formats.endings()
