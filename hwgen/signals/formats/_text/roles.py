"""What the columns of a table are: signals, time, row numbers, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwgen.signals.formats._text.cells import Kind, kind
from hwgen.signals.formats._text.dialect import Dialect

_SAMPLE = 200
"""Rows by which a column is judged."""
_COUNTERS = re.compile(
    r"(unnamed: \d+|index|idx|row|rows|sample|samples|sample[ _]?(no|nr|number|index)?\.?|"
    r"n|no\.?|nr\.?|#|i|id|point|points)?",
    re.IGNORECASE,
)


class Role(Enum):
    """What a column is for."""

    VALUES = "values"
    """A signal, or time in numbers: who chooses the channel tells them apart."""
    COUNTER = "row number"
    CLOCK = "date or time"
    PART = "part of a time of day"
    WORDS = "words"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Sampled:
    """The first rows of a table, cell by cell.

    Parameters
    ----------
    dialect
        How it is written.
    cells
        [row][column]; rows of the usual number of columns.
    """

    dialect: Dialect
    cells: Sequence[Sequence[str]]

    def kind(self, column: int) -> Kind:
        """Return what most cells of a column are, blanks aside."""
        kinds = [kind(row[column], self.dialect.decimal) for row in self.cells]
        filled = [found for found in kinds if found is not Kind.BLANK]
        return max(filled, key=filled.count) if filled else Kind.BLANK

    def values(self, column: int) -> np.ndarray:
        """Return the numbers of a column, NaN where there is none."""
        return np.array([self._number(row[column]) for row in self.cells])

    def _number(self, cell: str) -> float:
        try:
            return float(cell.replace(self.dialect.decimal, "."))
        except ValueError:
            return np.nan


def sampled(dialect: Dialect, lines: Sequence[str]) -> Sampled:
    """Return the first and the last of `lines`, those that are as wide as most."""
    chosen = [dialect.cells(line) for line in lines[:_SAMPLE] if line.strip()]
    widths = [len(row) for row in chosen]
    width = max(set(widths), key=widths.count)
    return Sampled(dialect, [row for row in chosen if len(row) == width])


def roles(table: Sampled, titles: Sequence[str], kinds: Sequence[Kind]) -> list[Role]:
    """Return what each column is for."""
    found = [_ROLES.get(of, Role.VALUES) for of in kinds]
    parts = time_of_day(table, titles, kinds)
    found[: len(parts)] = parts
    numeric = [i for i, role in enumerate(found) if role is Role.VALUES]
    for column in numeric:
        of_file = column == 0 and any(titles)
        if len(numeric) > 1 and _is_counter(table.values(column), titles[column], of_file):
            found[column] = Role.COUNTER
    return found


_ROLES = {
    Kind.WORDS: Role.WORDS,
    Kind.BLANK: Role.NOTHING,
    Kind.DATE: Role.WORDS,
    Kind.CLOCK: Role.CLOCK,
    Kind.MINUTES: Role.CLOCK,
    Kind.MOMENT: Role.CLOCK,
}


def time_of_day(table: Sampled, titles: Sequence[str], kinds: Sequence[Kind]) -> list[Role]:
    """Return four parts of a time if the table starts with hour, minute, second, microsecond.

    So PRONOSTIA's acquisition writes them (FEMTO, IEEE PHM 2012): at each step the time they make
    goes on, and one with titles says what they are.
    """
    if len(kinds) < 5 or any(found is not Kind.NUMBER for found in kinds[:4]):
        return []
    hours, minutes, seconds, micros = (table.values(column) for column in range(4))
    words = ("h", "m", "s", "")
    titled = any(titles[:4])
    if titled and not all(
        title.lower().startswith(word) for title, word in zip(titles, words, strict=False)
    ):
        return []
    whole = all(np.array_equal(v, np.floor(v)) for v in (hours, minutes, seconds))
    within = all(
        ((v >= 0) & (v < limit)).all()
        for v, limit in ((hours, 24), (minutes, 60), (seconds, 60), (micros, 1e6))
    )
    if not whole or not within:
        return []
    steps = np.diff(since_midnight(hours, minutes, seconds, micros))
    goes_on = steps.size > 0 and (steps >= 0).all() and 0 < steps.max() <= 1
    return [Role.PART] * 4 if goes_on else []


def since_midnight(
    hours: np.ndarray, minutes: np.ndarray, seconds: np.ndarray, micros: np.ndarray
) -> np.ndarray:
    """Return seconds since the first midnight; each step back by most of a day is the next day."""
    return going_on(hours * 3600 + minutes * 60 + seconds + micros * 1e-6, 86_400.0)


def going_on(stamps: np.ndarray, period: float) -> np.ndarray:
    """Return stamps that begin anew after each `period`; a step back by most of it is the next."""
    return stamps + period * np.cumsum(np.diff(stamps, prepend=stamps[:1]) < -period / 2)


def counts(values: np.ndarray) -> bool:
    """Return whether `values` are integers in equal steps upwards."""
    steps = np.diff(values)
    whole = np.array_equal(values, np.floor(values))
    return bool(whole and steps.size and (steps == steps[0]).all() and steps[0] >= 1)


def _is_counter(values: np.ndarray, title: str, titled: bool) -> bool:
    """Return whether a column numbers the rows: by its title, or by values without a title.

    `titled`: it is the first, and others have titles. pandas writes its index so, in any steps.
    """
    if title.lower() in ("index", "idx"):
        return np.array_equal(values, np.floor(values))
    named = bool(_COUNTERS.fullmatch(title)) if title or titled else np.diff(values)[:1] == 1
    return bool(counts(values) and values.size > 2 and named)
