"""What stands over a table: titles, a row of units, a sample rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    """

    titles: tuple[str, ...]
    units: tuple[str | None, ...]
    rates: tuple[StatedRate, ...]


def read_header(
    lines: Sequence[str], dialect: Dialect, count: int, *, numbered: bool = False
) -> Header:
    """Return what `lines` say of `count` columns; `numbered`: the first column counts the rows."""
    written = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    units: list[str | None] | None = None
    if len(written) > 1:
        units = _units_row(_titles(written[-1][1], dialect, count, numbered))
    row = written[-2] if units else written[-1] if written else None
    titled = row is not None and _stated(*row) is None
    titles = _titles(row[1], dialect, count, numbered) if row and titled else [""] * count
    said = [unit_of_title(title) for title in titles]
    merged = [below or above for below, above in zip(units or said, said, strict=True)]
    facts = dict(fact for _, line in written if (fact := _fact(line)) is not None)
    whole = stated_unit(facts)
    if whole and known_unit(whole):
        merged = [unit or whole for unit in merged]
    rates = [rate for number, line in written if (rate := _stated(number, line))]
    return Header(tuple(titles), tuple(merged), tuple(rates))


def _titles(line: str, dialect: Dialect, count: int, numbered: bool) -> list[str]:
    """Return `count` titles, empty ones where the line has no such."""
    comment = re.match(r"(?:#|%|//)+\s*", line)
    text = line[comment.end() :] if comment else line
    if count == 1:
        title = text.strip(' "\t;,')
        prose = comment and (len(title.split()) > 3 or ":" in title or "=" in title)
        return ["" if prose else title]
    others = "\t;, " if comment else "\t;,"
    for delimiter in dict.fromkeys((dialect.delimiter, *others)):
        found = Dialect(delimiter, ".").cells(text)
        if len(found) == count + 1 and found[-1] in ("", "Comment"):
            found = found[:-1]  # LabVIEW's last column, which mostly holds nothing
        if len(found) == count:
            return found
        if len(found) == count - 1 and numbered:
            return ["", *found]  # R puts no title over its row numbers
    return [""] * count


def _units_row(cells: Sequence[str]) -> list[str | None] | None:
    """Return the units in `cells` if they are nothing else."""
    bare = [cell.strip("[]() ") for cell in cells]
    if not any(bare) or not all(unit == "" or known_unit(unit) for unit in bare):
        return None
    return [known_unit(unit) for unit in bare]


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
