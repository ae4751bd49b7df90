"""What stands over a table: titles, a row of units, a sample rate."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen.signals.formats._contents import StatedRate
from hwgen.signals.formats._stated import (
    RATE_NAME,
    STEP_NAME,
    known_unit,
    rate_of,
    stated_unit,
    unit_of_title,
)
from hwgen.signals.formats._text.dialect import Dialect

_VALUE = r"\"?\s*[:=;,\t ]\s*\"?([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\"?\s*([a-zµμA-Z/]*)"
_RATE = re.compile(
    rf"(?:^|[^a-z])({RATE_NAME}|{STEP_NAME})(?:\s*(?:[\[(]|in\s)\s*([a-zµμ/]+)[\])]?)?{_VALUE}",
    re.IGNORECASE,
)

_JUDGED, _LEAST = 50, 3
"""Rows by which titles that are numbers are told from samples."""
_FACT = re.compile(
    r"(?:#|%|//)*\s*\"?([^:=;,\t\"]{1,40}?)\"?\s*[:=;,\t]\s*\"?([^;,\t\"]{1,40})\"?[;,\t]*"
)


@dataclass(frozen=True)
class Header:
    """What the lines over the numbers say.

    Parameters
    ----------
    titles
        One a column; empty where there is none.
    units
        One a column, as written, those of time in one spelling (s, ms, us, ns).
    rates
        Sample rates, each with its line.
    unread
        The line that ought to hold the titles, where it does not fit the columns; else None.
    """

    titles: tuple[str, ...]
    units: tuple[str | None, ...]
    rates: tuple[StatedRate, ...]
    unread: str | None = None


@dataclass(frozen=True)
class Shape:
    """What the rows tell of the columns.

    Parameters
    ----------
    count
        Columns.
    numbered
        Whether the first counts the rows.
    ended
        Whether the last is empty: each row ends with a delimiter.
    """

    count: int
    numbered: bool = False
    ended: bool = False


def read_header(lines: Sequence[str], dialect: Dialect, shape: Shape) -> Header:
    """Return what `lines` say of the columns."""
    written = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    units, row = _units_and_titles(written, dialect, shape)
    titled = row is not None and _stated(*row) is None
    titles = _titles(row[1], dialect, shape) if row and titled else [""] * shape.count
    said = [unit_of_title(title) for title in titles]
    merged = [below or above for below, above in zip(units or said, said, strict=True)]
    facts = dict(fact for _, line in written if (fact := _fact(line)) is not None)
    whole = stated_unit(facts)
    if whole and known_unit(whole):
        merged = [unit or whole for unit in merged]
    rates = [rate for number, line in written if (rate := _stated(number, line))]
    lost = row is not None and titled and not units and not any(titles) and not _fact(row[1])
    return Header(tuple(titles), tuple(merged), tuple(rates), row[1] if row and lost else None)


_Line = tuple[int, str]


def _units_and_titles(
    written: Sequence[_Line], dialect: Dialect, shape: Shape
) -> tuple[list[str | None] | None, _Line | None]:
    """Return the row of units, if there is one, and the line that ought to hold the titles.

    Titles stand over the units, and a third line under both now and then; where nothing fits over
    the units, the titles are under them.
    """
    for place in range(len(written) - 1, max(-1, len(written) - 4), -1):
        units = _units_row(_titles(written[place][1], dialect, shape))
        if units is None:
            continue
        if place and any(_titles(written[place - 1][1], dialect, shape)):
            return units, written[place - 1]
        if place + 1 < len(written):
            return units, written[place + 1]
        if place:
            return units, written[place - 1]
    return None, written[-1] if written else None


def _titles(line: str, dialect: Dialect, shape: Shape) -> list[str]:
    """Return a title for each column, empty ones where the line has no such."""
    count = shape.count
    comment = re.match(r"(?:#|%|//)+\s*", line)
    text = line[comment.end() :] if comment else line
    if count == 1:
        title = text.strip(' "\t;,')
        prose = comment and (len(title.split()) > 3 or ":" in title or "=" in title)
        return ["" if prose else title]
    others = "\t;, " if comment else "\t;,"
    for delimiter in dict.fromkeys((dialect.delimiter, *others)):
        found = _cells(text, delimiter)
        if len(found) == count + 1 and found[-1] in ("", "Comment"):
            found = found[:-1]  # LabVIEW's last column, which mostly holds nothing
        if len(found) == count:
            return found
        if len(found) == count - 1 and shape.numbered:
            return ["", *found]  # R puts no title over its row numbers
        if len(found) == count - 1 and shape.ended:
            return [*found, ""]
    return [""] * count


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of a line of words; a delimiter between quotation marks is none."""
    if '"' in text and delimiter not in ("", " ") and len(text) < csv.field_size_limit():
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))]
    return Dialect(delimiter, ".").cells(text)


def _units_row(cells: Sequence[str]) -> list[str | None] | None:
    """Return the units in `cells` if they are nothing else."""
    bare = [cell.strip("[]() ") for cell in cells]
    if not any(bare) or not all(unit == "" or known_unit(unit) for unit in bare):
        return None
    return [known_unit(unit) for unit in bare]


def numbers_columns(dialect: Dialect, rows: Sequence[str]) -> bool:
    """Return whether the first of `rows` are titles 0, 1, 2, ..., as pandas writes them.

    A blank one stands over its index. Numbers below are not whole, and do not go on from them.
    """
    first, *others = (dialect.cells(row) for row in rows[:_JUDGED] if row.strip())
    index = bool(first) and first[0] == ""
    titles = first[index:]
    below = [cells[index:] for cells in others if len(cells) == len(first)]
    if len(below) < _LEAST or titles != [str(number) for number in range(len(titles))]:
        return False
    if not all(dialect.decimal in cell for cells in below for cell in cells):
        return False
    steps = np.diff([0.0, *(_value(cells[0]) or 0.0 for cells in below)])
    return not (steps[0] > 0 and np.allclose(steps, steps[0], rtol=0.05))


def _fact(line: str) -> tuple[str, str] | None:
    """Return what a line says of the whole file: ``# unit: m/s2``, ``Unit;m/s2``."""
    match = _FACT.fullmatch(line)
    return (match[1].strip(), match[2].strip()) if match else None


def _stated(number: int, line: str) -> StatedRate | None:
    """Return the sample rate that a line of the header states."""
    match = _RATE.search(line)
    value = _value(match[3]) if match else None
    if match is None or value is None:
        return None
    return rate_of(match[1], value, match[4] or match[2] or "", f"line {number}, {match[1]!r}")


def _value(text: str) -> float | None:
    """Return a number of a header, whose decimal mark may differ from the table's."""
    text = text.rstrip(".,")
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
