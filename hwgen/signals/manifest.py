"""``classes.csv``: a table of files and their classes, for names that do not say them."""

from __future__ import annotations

import csv
import fnmatch
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from hwgen.errors import InputError
from hwgen.files import access, read_bytes
from hwgen.signals.listing import MANIFEST

_LARGEST = 32 << 20
"""Bytes."""

_MOST_PATTERNS = 1000
"""Rows that name a folder or a pattern: each is compared with every file."""

_COLUMNS = ("file", "class")


def read_manifest(folder: Path) -> tuple[tuple[str, str], ...] | None:
    """Return the rows (file, class) of a folder's ``classes.csv``; None where there is none.

    UTF-8, commas or semicolons, titles ``file`` and ``class`` in any order.

    Raises
    ------
    InputError
        It is no such table, or a row is not whole.
    FileAccessError
        It cannot be read.
    """
    path = folder / MANIFEST
    with access(path, "read"):
        if not path.is_file():
            return None
        size = path.stat().st_size
    if size > _LARGEST:
        raise InputError(f"{path} must have at most {_LARGEST} bytes, not {size}")
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} must be UTF-8: {error.reason} at byte {error.start}") from error
    return tuple(_rows(path, text))


def _rows(path: Path, text: str) -> list[tuple[str, str]]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    columns: list[int] | None = None
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if columns is None:
                columns = _columns(path, cells)
                continue
            if max(columns) >= len(cells) or not all(cells[index] for index in columns):
                raise InputError(f"{path}, line {reader.line_num}: must name a file and its class")
            file, name = (cells[index] for index in columns)
            rows.append((_inside(path, file, reader.line_num), name))
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}") from error
    if not rows:
        raise InputError(f"{path} must have a title line file,class and a line for each file")
    return rows


def _columns(path: Path, titles: Sequence[str]) -> list[int]:
    """Return where file and class stand."""
    lower = [title.lower() for title in titles]
    if any(lower.count(name) != 1 for name in _COLUMNS):
        raise InputError(
            f"{path} must begin with a line of titles that has {' and '.join(_COLUMNS)} once, "
            f"not {', '.join(titles)[:200]!r}"
        )
    return [lower.index(name) for name in _COLUMNS]


def _inside(path: Path, file: str, line: int) -> str:
    """Return a row's file as a path with ``/``, refused where it leads out of the folder."""
    plain = file.replace("\\", "/").removeprefix("./").rstrip("/")
    parts = PurePosixPath(plain).parts
    if not parts or ".." in parts or plain.startswith("/"):
        raise InputError(f"{path}, line {line}: file must be a path below the folder, not {file!r}")
    return PurePosixPath(plain).as_posix()


def classes_of(
    path: Path, rows: Sequence[tuple[str, str]], recordings: Sequence[PurePosixPath]
) -> dict[PurePosixPath, str]:
    """Return the class of each recording that a row names: by its path, a folder or a pattern.

    A path wins over a folder or a pattern (``*``, ``?``, ``[...]``; ``*`` matches ``/`` too).

    Raises
    ------
    InputError
        A row names nothing, or two rows give a recording two classes.
    """
    known = set(recordings)
    found: dict[PurePosixPath, str] = {}
    exact = [(PurePosixPath(file), name) for file, name in rows if PurePosixPath(file) in known]
    for each, name in exact:
        _give(path, found, each, name)
    wide = [(file, name) for file, name in rows if PurePosixPath(file) not in known]
    if len(wide) > _MOST_PATTERNS:
        raise InputError(
            f"{path}: {len(wide)} rows name no recording, the first {wide[0][0]!r}; at most "
            f"{_MOST_PATTERNS} may name folders or patterns"
        )
    by_pattern: dict[PurePosixPath, str] = {}
    named = [(each.as_posix(), each) for each in recordings]
    for file, name in wide:
        matching = [
            each
            for text, each in named
            if text.startswith(f"{file}/") or fnmatch.fnmatchcase(text, file)
        ]
        if not matching:
            raise InputError(
                f"{path}: there is no recording {file!r} below {path.parent}; correct the row"
            )
        for each in matching:
            _give(path, by_pattern, each, name)
    return by_pattern | found


def _give(path: Path, found: dict[PurePosixPath, str], file: PurePosixPath, name: str) -> None:
    if found.setdefault(file, name) != name:
        raise InputError(
            f"{path}: {file} must be of one class, not of {found[file]!r} and of {name!r}"
        )
