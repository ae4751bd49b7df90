"""The class of each recording in a folder, from what the user says or from names and folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hwgen.errors import InputError
from hwgen.names import escaped
from hwgen.signals import cwru, formats
from hwgen.signals.listing import MANIFEST, Listing
from hwgen.signals.manifest import classes_of, read_manifest

_PARTS = ("train", "training", "test", "testing", "val", "valid", "validation", "eval")


@dataclass(frozen=True)
class Labelled:
    """Recordings with their classes, before any is read.

    Parameters
    ----------
    classes
        Names in their order.
    files
        Path below the folder, and class.
    left_out
        Recordings that neither expression nor manifest gives a class.
    notices
        What was assumed.
    """

    classes: tuple[str, ...]
    files: tuple[tuple[PurePosixPath, str], ...]
    left_out: tuple[PurePosixPath, ...] = ()
    notices: tuple[str, ...] = ()


def label(folder: Path, found: Listing, class_from: str | None) -> Labelled:
    """Return the class of each recording.

    By the expression `class_from` if there is one, else by a manifest if there is one, else by
    files or folders.

    Raises
    ------
    InputError
        There is no recording, or it does not become clear what the classes are.
    """
    rows = read_manifest(folder)
    if class_from is not None:
        labelled = _by_expression(folder, found, class_from)
        if rows is None:
            return labelled
        unused = f"{MANIFEST} is not used: --class-from says the classes"
        return Labelled(labelled.classes, labelled.files, labelled.left_out, (unused,))
    if rows is not None:
        return _by_manifest(folder, found, rows)
    if not found.recordings:
        raise InputError(
            f"{folder} holds no recordings; it must hold files that end in "
            f"{', '.join(filter(None, formats.endings()))} or in nothing, one a class or one "
            "folder a class"
        )
    return _by_place(folder, found)


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return different names in the order of classes: by character, numbers by value."""
    different = sorted(set(names))
    if all(re.fullmatch("[0-9]+", name) for name in different):
        different.sort(key=int)
    return tuple(different)


def _labelled(
    files: Sequence[tuple[PurePosixPath, str]],
    order: Sequence[str],
    left_out: Sequence[PurePosixPath] = (),
    notices: Sequence[str] = (),
) -> Labelled:
    """Return files class by class, each class's in the order given."""
    rank = {name: number for number, name in enumerate(order)}
    ordered = sorted(files, key=lambda each: rank[each[1]])
    shown = {name: escaped(name) for _, name in ordered}
    if len(set(shown.values())) != len(shown):
        twice = next(name for name in shown.values() if [*shown.values()].count(name) > 1)
        raise InputError(f"two classes cannot be told apart in print: {twice}; rename one")
    return Labelled(
        tuple(shown.values()),
        tuple((path, shown[name]) for path, name in ordered),
        tuple(left_out),
        tuple(notices),
    )


def _by_expression(folder: Path, found: Listing, class_from: str) -> Labelled:
    expression = re.compile(class_from)
    files, left_out = [], []
    for path in found.recordings:
        match = expression.search(path.as_posix())
        groups = [group for group in match.groups() if group] if match else []
        name = "_".join(groups) if expression.groups else match[0] if match else ""
        if name:
            files.append((path, name))
        else:
            left_out.append(path)
    if not files:
        some = ", ".join(map(str, found.recordings[:3])) or "there is none"
        raise InputError(
            f"--class-from must match the path of a recording below {folder} ({some}), "
            f"but {class_from!r} does not"
        )
    return _labelled(files, in_order([name for _, name in files]), left_out)


def _by_manifest(folder: Path, found: Listing, rows: Sequence[tuple[str, str]]) -> Labelled:
    """Return the classes in the manifest's own order: so it can be that of a checkpoint."""
    # What it names is a recording even where its name would not be taken for one.
    candidates = (*found.recordings, *found.others)
    given = classes_of(folder / MANIFEST, rows, candidates)
    files = [(path, given[path]) for path in candidates if path in given]
    left_out = [path for path in found.recordings if path not in given]
    return _labelled(files, list(dict.fromkeys(name for _, name in rows)), left_out)


def _by_place(folder: Path, found: Listing) -> Labelled:
    flat = [path for path in found.recordings if len(path.parts) == 1]
    nested = [path for path in found.recordings if len(path.parts) > 1]
    if flat and nested:
        raise InputError(
            f"{folder} holds recordings ({flat[0]}, ...) beside a folder of recordings "
            f"({nested[0].parts[0]}); use one file a class or one folder a class, or say the "
            f"classes with --class-from or a {MANIFEST}"
        )
    if flat:
        return _one_file_a_class(folder, flat)
    level = _class_level(nested)
    files = [(path, path.parts[level]) for path in nested]
    return _labelled(
        files, in_order([name for _, name in files]), notices=_told(folder, nested, level)
    )


def _one_file_a_class(folder: Path, files: Sequence[PurePosixPath]) -> Labelled:
    """Return one class a file, in the order of the files' names, endings included."""
    by_name = sorted(files, key=str)
    stems = [path.stem for path in by_name]
    faults = [cwru.fault(stem) for stem in stems]
    for names in (faults, stems):
        if len(set(names)) == len(names):
            numbers = all(re.fullmatch("[0-9]+", name) for name in names)
            order = in_order(names) if numbers else names
            return _labelled(list(zip(by_name, names, strict=True)), order)
    twice = next(stem for stem in stems if stems.count(stem) > 1)
    raise InputError(
        f"{folder} holds two recordings called {twice!r}; rename one, or use one folder a class"
    )


def _class_level(nested: Sequence[PurePosixPath]) -> int:
    """Return which folder of a path is the class: the first in which paths differ."""
    level = 0
    while len({path.parts[level] for path in nested}) == 1:
        if any(len(path.parts) == level + 2 for path in nested):
            break  # a recording lies in that one folder itself
        level += 1
    return level


def _told(folder: Path, nested: Sequence[PurePosixPath], level: int) -> list[str]:
    """Return what the choice of a level of folders passes over without a word."""
    told = []
    names = in_order([path.parts[level] for path in nested])
    if len(names) == 1 and len(nested) > 1:
        told.append(
            f"all recordings are of one class, {names[0]!r}, the only folder in {folder}; where "
            "each of them is a class, name that folder"
        )
    elif level:
        told.append(
            f"classes are the folders in {folder / PurePosixPath(*nested[0].parts[:level])}"
        )
    deeper = in_order([path.parts[level + 1] for path in nested if len(path.parts) > level + 2])
    if deeper:
        told.append(
            f"classes are the folders {few(names)}; those in them ({few(deeper)}) are not told "
            f"apart: --class-from REGEX or a {MANIFEST} can"
        )
    parts = [name for name in names if name.lower() in _PARTS]
    if parts:
        told.append(
            f"{few(parts)} look like parts of a data set and are taken for classes; name one of "
            "them, or say the classes with --class-from REGEX"
        )
    return told


def few(names: Sequence[object], most: int = 4) -> str:
    """Return names for a message: the first of them, and how many more there are."""
    more = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {more} more" if more > 0 else "")
