"""Numbers as text: a value column, perhaps behind a time column, perhaps under a header."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._signal import Signal

_TIME_UNITS = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_TIME_TITLES = {"t", "time", "timestamp", "seconds", "sec", "s"}


def read(path: Path, data: bytes, channel: str) -> Signal:
    """Read the value column, and the sample rate from a time column.

    Columns are parted by comma, semicolon, tab or spaces; lines that start with ``#`` are
    comments. A first column that rises steadily is the time in seconds (or in the ms, us, ns of
    its title) and gives the rate; one that only counts 0, 1, 2 or 1, 2, 3 gives none. If more
    than one column is left, the one whose title contains `channel` is read.
    """
    lines = data.decode("utf-8-sig").splitlines()
    titles, first = _header(lines)
    rows = [line for line in lines[first:] if line.strip() and not line.lstrip().startswith("#")]
    if not rows:
        raise InputError(f"{path} has no numbers; it must have one sample a line")
    try:
        table = np.loadtxt(rows, delimiter=_delimiter(rows[0]), ndmin=2, comments="#")
    except ValueError as error:
        reason = str(error).split(";")[0]
        raise InputError(f"{path} is not a table of numbers: {reason}") from error
    if titles is not None and len(titles) != table.shape[1]:
        titles = None
    timed = table.shape[1] > 1 and _is_time(path, table[:, 0], titles)
    rate = _rate(table[:, 0], titles) if timed else None
    return Signal(table[:, _value_column(path, table.shape[1], titles, timed, channel)], rate)


def _header(lines: list[str]) -> tuple[list[str] | None, int]:
    """Return the titles, if any, and the index of the first line after the header.

    The titles are the first line if it is not numbers, or else the comment just before it.
    """
    comment: list[str] | None = None
    for index, line in enumerate(lines):
        text = line.strip()
        if text.startswith("#"):
            comment = _fields(text.lstrip("# "))
        elif text:
            fields = _fields(text)
            return (comment, index) if all(map(_is_number, fields)) else (fields, index + 1)
    return None, len(lines)


def _delimiter(line: str) -> str | None:
    """Return what parts the columns of `line`; None for spaces."""
    return next((mark for mark in (";", "\t", ",") if mark in line.strip()), None)


def _fields(line: str) -> list[str]:
    return [field.strip().strip('"') for field in line.strip().split(_delimiter(line))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_time(path: Path, column: np.ndarray, titles: list[str] | None) -> bool:
    """Return whether `column` rises steadily: each stamp within half a step of a straight line."""
    steady = False
    if column.size >= 3 and np.isfinite(column).all() and column[-1] > column[0]:
        line = np.linspace(column[0], column[-1], column.size)
        steady = bool(np.abs(column - line).max() < 0.5 * (line[1] - line[0]))
    if not steady and titles is not None and _words(titles[0])[0] in _TIME_TITLES:
        raise InputError(
            f"{path}: column {titles[0]!r} must rise in equal steps; resample the recording"
        )
    return steady


def _rate(column: np.ndarray, titles: list[str] | None) -> float | None:
    """Return the sample rate in Hz of a steady time column; None if it only counts samples."""
    if column[0] in (0, 1) and np.array_equal(column, column[0] + np.arange(column.size)):
        return None
    words = _words(titles[0]) if titles else []
    unit = next((_TIME_UNITS[word] for word in words if word in _TIME_UNITS), 1.0)
    rate = float((column.size - 1) / ((column[-1] - column[0]) * unit))
    # Stamps are rounded; a whole number of Hz this near is what the recorder was set to.
    return float(round(rate)) if abs(rate - round(rate)) < 1e-4 * rate else rate


def _words(title: str) -> list[str]:
    return re.split(r"[^a-zµ]+", title.lower())


def _value_column(
    path: Path, count: int, titles: list[str] | None, timed: bool, channel: str
) -> int:
    """Return the index of the column to read."""
    candidates = list(range(int(timed), count))
    if len(candidates) > 1:
        candidates = [i for i in candidates if titles is not None and channel in titles[i]]
    if len(candidates) != 1:
        found = "no titles" if titles is None else f"titles {', '.join(titles)}"
        raise InputError(
            f"{path} has {count} columns and {found}: exactly one title must contain the channel "
            f"{channel!r}; name the channel or leave one value column"
        )
    return candidates[0]
