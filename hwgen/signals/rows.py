"""Rows of a table as windows: numbers that mean something each, as standard scores."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.names import escaped
from hwgen.signals.dataset import Dataset
from hwgen.signals.recording import Recording
from hwgen.signals.table_files import Cells, made_names, numbers_of
from hwgen.signals.units import SCORES

Rows = npt.NDArray[np.float64]
Words: TypeAlias = Sequence[Any] | np.ndarray

_LEAST = 1e-9
"""Of a column's mean, or of 1: a deviation below that is none."""
_NAMED = 5
"""Columns that a message names."""


@dataclass(frozen=True)
class Columns:
    """What makes a row a window: its columns in their order, each as its standard score.

    Parameters
    ----------
    names
        Of the columns.
    mean, deviation
        Of each, in its own unit; deviations above 0.
    target
        Name of the column that had the classes; None where none had.

    Raises
    ------
    ValueError
        If they are not equally many, a name is empty or there twice, or a number is none.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    target: str | None = None

    def __post_init__(self) -> None:
        if not self.names or len(set(self.names)) != len(self.names):
            raise ValueError("names of columns must be different, and at least one")
        texts = self.names if self.target is None else (*self.names, self.target)
        if not all(isinstance(name, str) and name for name in texts):
            raise ValueError("names of columns must be texts")
        for numbers in (self.mean, self.deviation):
            if len(numbers) != len(self.names):
                raise ValueError("columns must have a mean and a deviation each")
            if not all(isinstance(each, float) and math.isfinite(each) for each in numbers):
                raise ValueError("mean and deviation of columns must be finite numbers")
        if min(self.deviation) <= 0:
            raise ValueError("deviations of columns must be above 0")

    @classmethod
    def of(cls, names: tuple[str, ...], target: str | None, rows: Rows) -> Columns:
        """Return columns as measured on some rows ``(n, columns)``.

        A column that is the same in all of them keeps its own unit.
        """
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        there = deviation > _LEAST * np.maximum(1.0, np.abs(mean))
        scale = np.where(there, deviation, 1.0)
        return cls(names, tuple(mean.tolist()), tuple(scale.tolist()), target)

    def scores(self, rows: Rows) -> Rows:
        """Return the standard scores of rows ``(n, columns)``."""
        found: Rows = (rows - np.array(self.mean)) / np.array(self.deviation)
        return found

    def taken(self, cells: Cells) -> tuple[Rows, Words | None]:
        """Return these columns of another table ``(n, columns)``, and its classes if it has some.

        A table without names has them in their order.

        Raises
        ------
        InputError
            If a column is missing.
        """
        if not cells.named:
            return self._in_order(cells)
        every = {name: cells.x[:, at] for at, name in enumerate(cells.inputs)}
        labelled = cells.target not in self.names
        if not labelled:
            every[cells.target] = _last(cells)
        missing = [name for name in self.names if name not in every]
        if missing:
            listed = ", ".join(escaped(name) for name in missing[:_NAMED])
            raise InputError(
                f"{escaped(cells.name)} must have the {len(self.names)} columns that the network "
                f"was trained on, but lacks {listed}{', ...' if len(missing) > _NAMED else ''}; "
                "add them, by these names"
            )
        return np.column_stack([every[name] for name in self.names]), cells.y if labelled else None

    def _in_order(self, cells: Cells) -> tuple[Rows, Words | None]:
        if len(cells.inputs) == len(self.names) - 1:
            cells = unlabelled(cells)
        if len(cells.inputs) != len(self.names):
            raise InputError(
                f"{escaped(cells.name)} must have the {len(self.names)} columns that the network "
                f"was trained on, with or without one of classes behind them, not "
                f"{len(cells.inputs)}; name them in its first line, or leave out the others"
            )
        return cells.x, cells.y

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_json(cls, value: object) -> Columns:
        """Return what `to_json` wrote; ValueError if it is not that."""
        names = [field.name for field in dataclasses.fields(cls)]
        if not isinstance(value, dict) or set(value) != set(names):
            raise ValueError(f"columns must have {', '.join(names)}")
        if not all(isinstance(value[name], list) for name in names[:-1]):
            raise ValueError(f"{', '.join(names[:-1])} of columns must be lists")
        listed = {name: tuple(value[name]) for name in names[:-1]}
        return cls(**listed, target=value["target"])


def unlabelled(cells: Cells) -> Cells:
    """Return a table whose last column is an input like the others.

    Raises
    ------
    InputError
        If it has words.
    """
    if cells.y is None:
        return cells
    x = np.column_stack([cells.x, _last(cells)])
    named = (*cells.inputs, cells.target)
    inputs = named if cells.named else tuple(made_names(x.shape[1])[:-1])
    return dataclasses.replace(cells, x=x, y=None, inputs=inputs)


def _last(cells: Cells) -> Rows:
    """Return the numbers of the last column."""
    assert cells.y is not None
    last = numbers_of([str(each) for each in cells.y])
    if last is None:
        raise InputError(
            f"{escaped(cells.name)}: column {escaped(cells.target)} must have numbers, not words"
        )
    return last


def check_names(cells: Cells) -> None:
    """Refuse columns that cannot be told apart by their names."""
    for name in cells.inputs:
        if not name or cells.inputs.count(name) > 1:
            raise InputError(
                f"{escaped(cells.name)}: columns must have names, each another one, not "
                f"{escaped(name)!r} {cells.inputs.count(name)} times; name them in the first line"
            )


def are_rows(data: Dataset) -> bool:
    """Return whether recordings are rows of a table."""
    return data.recordings[0].unit == SCORES


def recording(name: str, scores: Rows) -> Recording:
    """Return standard scores ``(n, columns)`` as one recording, row behind row."""
    return Recording("", scores.reshape(-1), None, name, unit=SCORES)


def dataset(name: str, scores: Rows, classes: Sequence[str], order: np.ndarray) -> Dataset:
    """Return standard scores as a recording a row.

    Parameters
    ----------
    scores
        ``(n, columns)``.
    classes
        n names.
    order
        In which they come: parts are first and last ones.
    """
    recordings = tuple(
        Recording(classes[at], scores[at].copy(), None, f"row {at + 1}", unit=SCORES)
        for at in order.tolist()
    )
    return Dataset(name, tuple(sorted(set(classes))), recordings)
