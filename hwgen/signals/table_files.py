"""Tables out of files: text with separators, NumPy's and MATLAB's arrays."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError, UsageError
from hwgen.files import read_text
from hwgen.names import escaped
from hwgen.signals.formats._named import arrays

TEXTS, ARRAYS = (".csv", ".tsv", ".txt"), (".npy", ".npz", ".mat")
MOST_CLASSES = 64
FEWEST_OF_A_CLASS = 4
"""Rows."""
_GUESSED_CLASSES = 20
"""Whole numbers with at most so many values are taken for classes where nobody says it."""
_MOST = 1e30
_MOST_CELLS = 20_000_000
_MOST_BYTES = 1 << 28


@dataclass(frozen=True, eq=False)
class Cells:
    """A table as a file has it.

    Parameters
    ----------
    name
        Of the file.
    x
        ``(n, inputs)`` numbers, finite or not.
    y
        The target's n numbers or words; None where the file has none.
    inputs, target
        Names of the columns.
    named
        Whether the names are the file's own.
    """

    name: str
    x: np.ndarray
    y: Sequence[str] | np.ndarray | None
    inputs: tuple[str, ...]
    target: str
    named: bool


def numbers_of(words: Sequence[str]) -> np.ndarray | None:
    """Return words as numbers; None if one is none. An empty word is NaN."""
    try:
        return np.array([float(word) if word.strip() else np.nan for word in words])
    except ValueError:
        return None


def class_name(value: object) -> str:
    """Return a class's name: 1.0 and 1 are the same."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else text


def class_names(name: str, y: Sequence[Any] | np.ndarray, target: str) -> list[str]:
    """Return the class of each row; `InputError` names the first row without one."""
    words = [class_name(each) for each in y]
    if any(not word or word == "nan" for word in words):
        row = next(row for row, word in enumerate(words, 1) if not word or word == "nan")
        raise InputError(
            f"{name}: column {escaped(target)} must have a class in every row, not nothing in row "
            f"{row}; fill it in or leave the row out"
        )
    return words


def has_classes(y: Sequence[Any] | np.ndarray) -> bool:
    """Return whether a column is taken for classes: of words, or of few whole numbers."""
    values = numbers_of([str(each) for each in y])
    if values is None:
        return True
    whole = bool(np.isfinite(values).all() and (values == np.round(values)).all())
    return whole and len(np.unique(values)) <= min(
        _GUESSED_CLASSES, len(values) // FEWEST_OF_A_CLASS
    )


def check_length(name: str, x: np.ndarray, y: Sequence[Any] | np.ndarray) -> None:
    """Refuse a target of other rows than the inputs'."""
    if len(x) != len(y):
        raise InputError(
            f"{name}: X and y must have the same number of rows, not {len(x)} and {len(y)}; "
            "save both from the same table"
        )


def check_finite(name: str, x: np.ndarray, inputs: Sequence[str]) -> None:
    """Refuse inputs that are no numbers; `InputError` names the first one's column and row."""
    if not len(inputs):
        raise InputError(f"{name} must have an input column beside the target, not none")
    rows, columns = np.nonzero(~np.isfinite(x) | (np.abs(x) > _MOST))
    if len(rows):
        raise InputError(
            f"{name}: column {escaped(inputs[columns[0]])} must have a finite number in every row, "
            f"not {x[rows[0], columns[0]]:g} in row {rows[0] + 1} ({len(np.unique(rows))} rows are "
            "so); fill it in or leave these rows out"
        )


def read_cells(path: Path, target: str | None = None) -> Cells:
    """Return the table in a file.

    Text has a row a line, with or without a line of names; the last column is the target unless
    one is named. Arrays are ``X`` and ``y``, or one whose last column is the target.

    Raises
    ------
    InputError, FileAccessError
        If it is no usable table.
    UsageError
        If there is no column called `target`.
    """
    kind = path.suffix.lower()
    if kind in TEXTS:
        return _text(path, target)
    if kind in ARRAYS:
        return _arrays(path, target)
    raise InputError(
        f"{escaped(str(path))} must end with one of {', '.join((*TEXTS, *ARRAYS))}; "
        "a folder is read as recordings"
    )


def _text(path: Path, target: str | None) -> Cells:
    rows = _rows(path)
    names, rows, named = _names(rows)
    target_at = _target(path, names, target)
    if any(len(row) != len(names) for row in rows):
        at, row = next((at, row) for at, row in enumerate(rows, 1) if len(row) != len(names))
        raise InputError(
            f"{escaped(str(path))}: every row must have {len(names)} columns, not {len(row)} in "
            f"row {at}; check its separators"
        )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    y = columns.pop(target_at)
    inputs = [name for at, name in enumerate(names) if at != target_at]
    x = np.empty((len(rows), len(inputs)))
    for number, column in enumerate(columns):
        x[:, number] = _numbers(path, inputs[number], column)
    return Cells(path.name, x, list(y), tuple(inputs), names[target_at], named)


def _numbers(path: Path, name: str, column: Sequence[str]) -> np.ndarray:
    values = numbers_of(column)
    if values is None:
        row, word = next(
            (row, word) for row, word in enumerate(column, 1) if numbers_of([word]) is None
        )
        raise InputError(
            f"{escaped(str(path))}: column {escaped(name)} must have numbers, not "
            f"{escaped(word)!r} in row {row}; give words numbers, or leave the column out"
        )
    return values


def _rows(path: Path) -> list[list[str]]:
    """Return the cells of the lines that have any."""
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        raise InputError(
            f"{escaped(str(path))} must have at most {_MOST_BYTES >> 20} MiB, not "
            f"{path.stat().st_size >> 20}; save it as .npz"
        )
    lines = [line for line in read_text(path).removeprefix("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{escaped(str(path))} must have rows, but is empty")
    separator = next((each for each in "\t;," if each in lines[0]), None)
    if separator is None:
        return [re.split(r"\s+", line.strip()) for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error as error:
        raise InputError(f"{escaped(str(path))} is no table: {error}") from error


def _names(rows: list[list[str]]) -> tuple[list[str], list[list[str]], bool]:
    """Return names of the columns, the rows behind the line of names, and if there is one.

    It is one if most of its cells are no numbers: rows have words in the target at most.
    """
    first = rows[0]
    words = [cell for cell in first if numbers_of([cell]) is None]
    if len(words) > 1 or (words and len(first) == 1):
        return first, rows[1:], True
    return made_names(len(first) - 1), rows, False


def made_names(inputs: int) -> list[str]:
    """Return the names of a table that has none: of its inputs, and of the target behind them."""
    return [*(f"x{number}" for number in range(1, inputs + 1)), "y"]


def _target(path: Path, names: list[str], target: str | None) -> int:
    if target is None:
        return len(names) - 1
    if names.count(target) != 1:
        listed = ", ".join(escaped(name) for name in names[:12])
        raise UsageError(
            f"--target must name one column of {escaped(str(path))}, not {escaped(target)!r}; "
            f"they are {listed}{', ...' if len(names) > 12 else ''}"
        )
    return names.index(target)


def _arrays(path: Path, target: str | None) -> Cells:
    found = arrays(path)
    if path.suffix.lower() == ".npy":
        return _one(path, found[""], target)
    x = _called(found, "X")
    y = _called(found, "y" if target is None else target)
    if x is None or (y is None and target is not None):
        missing = target if x is not None and target is not None else "X"
        raise InputError(
            f"{escaped(str(path))} must have an array {escaped(missing)}, not only "
            f"{', '.join(escaped(name) for name in found) or 'none'}; save X (n x inputs) and y (n)"
        )
    x = _matrix(path, "X", x)
    inputs = tuple(made_names(x.shape[1])[:-1])
    if y is None:
        return Cells(path.name, x, None, inputs, "y", named=False)
    y = y.reshape(-1) if y.ndim > 1 and 1 in y.shape else y
    if y.ndim != 1 or y.dtype.kind not in "iufbU":
        raise InputError(
            f"{escaped(str(path))}: y must be one column of numbers or words, not of shape "
            f"{y.shape} and type {y.dtype}"
        )
    return Cells(path.name, x, y, inputs, target or "y", named=False)


def _one(path: Path, array: np.ndarray, target: str | None) -> Cells:
    array = _matrix(path, "its array", array)
    names = made_names(array.shape[1] - 1)
    number = _target(path, names, target)
    inputs = tuple(name for at, name in enumerate(names) if at != number)
    x = np.delete(array, number, axis=1)
    return Cells(path.name, x, array[:, number], inputs, names[number], named=False)


def _called(found: dict[str, np.ndarray], name: str) -> np.ndarray | None:
    return found.get(name, found.get(name.swapcase()) if len(name) == 1 else None)


def _matrix(path: Path, what: str, array: np.ndarray) -> np.ndarray:
    if array.ndim != 2 or array.dtype.kind not in "iufb" or 0 in array.shape:
        raise InputError(
            f"{escaped(str(path))}: {what} must be rows x columns of numbers, not of shape "
            f"{array.shape} and type {array.dtype}"
        )
    if array.size > _MOST_CELLS:
        raise InputError(
            f"{escaped(str(path))}: {what} must have at most {_MOST_CELLS} numbers, not "
            f"{array.size}; leave out rows"
        )
    return array.astype(np.float64)
