"""Dates and times of day as seconds: a time axis, never a signal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hwgen.signals.formats._contents import Channel
from hwgen.signals.formats._text.cells import Kind
from hwgen.signals.formats._text.columns import Table
from hwgen.signals.formats._text.roles import going_on, since_midnight

_TIME_OF_DAY = r"(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d*)?))?\s?([AaPp])?"
_IN_THE_HOUR = r"(\d{1,2}):(\d{2}[.,]\d+)"
_HOUR_S = 3600.0


def of_parts(table: Table) -> Channel:
    """Return the seconds that hour, minute, second and microsecond in columns 1 to 4 make."""

    def load() -> np.ndarray:
        return since_midnight(*(table.numbers(column) for column in range(4)))

    return Channel("columns 1 to 4", table.rows, load, "s")


def of_words(table: Table, column: int) -> Channel:
    """Return the time, in seconds, of a column such as ``2024-05-01T10:00:00.25``.

    The date is left out: a record goes on from each line to the next, past midnight too.
    """

    def load() -> np.ndarray:
        if table.kinds[column] is Kind.MINUTES:
            return going_on(table.words(column, _seconds_of_the_hour), _HOUR_S)
        seconds = table.words(column, _seconds_of_day)
        zero = np.zeros_like(seconds)
        return since_midnight(zero, zero, seconds, zero)

    return Channel(table.names[column], table.rows, load, "s")


def _seconds_of_day(cells: pd.Series) -> np.ndarray:
    """Return seconds since midnight, NaN where a cell has no time of day."""
    parts = cells.str.extract(_TIME_OF_DAY)
    hours, minutes = (parts[i].astype(np.float64).to_numpy() for i in (0, 1))
    seconds = parts[2].str.replace(",", ".").fillna("0").astype(np.float64).to_numpy()
    half = parts[3].str.lower().to_numpy()
    hours = np.where(pd.isna(half), hours, hours % 12 + 12 * (half == "p"))
    return hours * _HOUR_S + minutes * 60 + seconds


def _seconds_of_the_hour(cells: pd.Series) -> np.ndarray:
    """Return seconds of what leaves out the hours, as spreadsheets show a time with fractions."""
    parts = cells.str.extract(_IN_THE_HOUR)
    seconds = parts[1].str.replace(",", ".").astype(np.float64).to_numpy()
    return parts[0].astype(np.float64).to_numpy() * 60 + seconds
