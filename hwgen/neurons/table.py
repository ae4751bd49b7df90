"""A table: rows of numbers, and what is to be told of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from hwgen import files
from hwgen.errors import InputError
from hwgen.names import escaped
from hwgen.signals.table_files import (
    FEWEST_OF_A_CLASS,
    MOST_CLASSES,
    check_finite,
    check_length,
    class_names,
    has_classes,
    numbers_of,
)

Task: TypeAlias = Literal["classify", "regress"]

FEWEST, MOST_ROWS = 30, 5000
"""Rows of a search: fewer cannot be parted in three, more are not needed for a few terms."""
MOST_INPUTS = 512
_FEWEST_VALUES = 3


@dataclass(frozen=True, eq=False)
class Table:
    """Rows for a search.

    Parameters
    ----------
    name
        Of the file or folder.
    x
        ``(n, inputs)``, finite, no constant column.
    y
        ``(n,)`` values, or numbers of classes.
    inputs, target
        Names of the columns.
    classes
        Their names; none where `y` has values.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    inputs: tuple[str, ...]
    target: str
    classes: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """What is to be done with it."""
        return "classify" if self.classes else "regress"

    @property
    def digest(self) -> str:
        """Of all numbers and names."""
        arrays = (np.ascontiguousarray(each).tobytes() for each in (self.x, self.y))
        return files.digest(*self.inputs, self.target, *self.classes, *arrays)

    def some(self, rows: np.ndarray) -> Table:
        """Return some rows, by their numbers."""
        return replace(self, x=self.x[rows], y=self.y[rows])


def table(
    name: str,
    x: np.ndarray,
    y: Sequence[str] | np.ndarray,
    inputs: Sequence[str],
    target: str,
    task: Task | None,
) -> tuple[Table, tuple[str, ...]]:
    """Return a table after all checks, and what the user must know of it.

    Parameters
    ----------
    x, y
        ``(n, inputs)`` numbers, and n numbers or words.
    task
        None: guessed from `y`.

    Raises
    ------
    InputError
        If rows, inputs or the target cannot be used.
    """
    name = escaped(name)
    check_length(name, x, y)
    if len(x) < FEWEST:
        raise InputError(f"{name} must have at least {FEWEST} rows, not {len(x)}; add rows")
    check_finite(name, x, inputs)
    task, said = (task, ()) if task else _guessed(y, target)
    x, inputs, over = _changing(name, x, inputs)
    if len(inputs) > MOST_INPUTS:
        raise InputError(
            f"{name} must have at most {MOST_INPUTS} input columns, not {len(inputs)}; "
            "leave out or pool some"
        )
    if task == "classify":
        numbers, classes = _classes(name, y, target)
        return Table(name, x, numbers, inputs, target, classes), (*said, *over)
    return Table(name, x, _values(name, y, target), inputs, target), (*said, *over)


def _changing(
    name: str, x: np.ndarray, inputs: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """Return the columns that are not constant, their names, and what to say of the others."""
    stays = np.ptp(x, axis=0) == 0
    if stays.all():
        raise InputError(f"{name}: an input column must change over the rows, but all are constant")
    kept = tuple(each for each, still in zip(inputs, stays, strict=True) if not still)
    if not stays.any():
        return x, kept, ()
    gone = [escaped(each) for each, still in zip(inputs, stays, strict=True) if still]
    listed = ", ".join(gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
    return x[:, ~stays], kept, (f"constant columns are left out: {listed}",)


def _guessed(y: Sequence[str] | np.ndarray, target: str) -> tuple[Task, tuple[str, ...]]:
    values = numbers_of([str(each) for each in y])
    if not has_classes(y):
        return "regress", (f"task: regress, for {escaped(target)} has numbers; --task says it",)
    what = "words" if values is None else f"{len(np.unique(values))} different whole numbers"
    return "classify", (f"task: classify, for {escaped(target)} has {what}; --task says it",)


def _classes(
    name: str, y: Sequence[str] | np.ndarray, target: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    words = class_names(name, y, target)
    classes, numbers, counts = np.unique(words, return_inverse=True, return_counts=True)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise InputError(
            f"{name}: column {escaped(target)} must have 2 to {MOST_CLASSES} classes, not "
            f"{len(classes)}; --task regress takes numbers, --target another column"
        )
    if counts.min() < FEWEST_OF_A_CLASS:
        raise InputError(
            f"{name}: each class of {escaped(target)} must have at least {FEWEST_OF_A_CLASS} "
            f"rows, not {counts.min()} ({escaped(str(classes[counts.argmin()]))}); add rows or "
            "leave the class out"
        )
    return numbers.astype(np.int64), tuple(escaped(str(each)) for each in classes)


def _values(name: str, y: Sequence[str] | np.ndarray, target: str) -> np.ndarray:
    words = [str(each) for each in y]
    values = numbers_of(words)
    if values is None:
        word = next(each for each in words if numbers_of([each]) is None)
        raise InputError(
            f"{name}: column {escaped(target)} must have numbers to be regressed, not "
            f"{escaped(word)!r}; --task classify takes words"
        )
    if not np.isfinite(values).all() or np.abs(values).max() > 1e30:
        row = int(np.flatnonzero(~np.isfinite(values) | (np.abs(values) > 1e30))[0])
        raise InputError(
            f"{name}: column {escaped(target)} must have a finite number in every row, not "
            f"{values[row]:g} in row {row + 1}; leave the row out"
        )
    if len(np.unique(values)) < _FEWEST_VALUES:
        raise InputError(
            f"{name}: column {escaped(target)} must have at least {_FEWEST_VALUES} different "
            f"values to be regressed, not {len(np.unique(values))}; --task classify takes two"
        )
    return values
