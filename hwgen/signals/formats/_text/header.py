"""What stands over a table: titles, a row of units, a sample rate."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwgen.signals.formats._contents import StatedRate
from hwgen.signals.formats._text.dialect import Dialect

TIME_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sekunden"), "s"),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), "ns"),
}
"""Spellings of units of time, in lower case, and the one that is handed on."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_OTHER_UNITS = frozenset(
    [
        *(
            "g",
            "mg",
            "m/s2",
            "m/s^2",
            "m/s**2",
            "m/s²",
            "m/s/s",
            "m·s-2",
            "m*s^-2",
            "ms-2",
            "ms^-2",
        ),
        *(
            "mm/s",
            "um",
            "µm",
            "μm",
            "mm",
            "m",
            "v",
            "mv",
            "a",
            "ma",
            "counts",
            "count",
            "lsb",
            "raw",
        ),
        *("pa", "kpa", "bar", "n", "kn", "nm", "n·m", "n*m", "°c", "c", "degc", "rpm", "1/min"),
        *("hz", "khz", "%"),
    ]
)
_BRACKETS = re.compile(r"[\[(]([^\[\]()]{1,20})[\])]\s*$")
_IN = re.compile(r"(?:\bin|/|,)\s+(\S{1,12})$")
_SUFFIX = re.compile(
    r"\b(?:time|zeit|t|timestamp|elapsed)[ _/](ms|us|µs|μs|ns|s|sec)$", re.IGNORECASE
)
_VALUE = r"\s*[:=;,\t ]\s*\"?([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\"?\s*([a-zµμA-Z/]*)"
_RATE = re.compile(
    r"(?:^|[^a-z])(fs|sr|(?:sampl(?:e|ing)|abtast|scan)[ _-]?(?:rate|freq(?:uency|uenz)?))"
    r"(?:\s*(?:[\[(]|in\s)\s*([a-z/]+)[\])]?)?" + _VALUE,
    re.IGNORECASE,
)
_STEP = re.compile(
    r"(?:^|[^a-z])(delta[ _]?[xt]|dt|(?:sampl(?:e|ing)|scan)[ _-]?(?:interval|period))"
    r"(?:\s*(?:[\[(]|in\s)\s*([a-zµμ]+)[\])]?)?" + _VALUE,
    re.IGNORECASE,
)
_HERTZ = {
    "": 1.0,
    "hz": 1.0,
    "s/s": 1.0,
    "sps": 1.0,
    "khz": 1e3,
    "ks/s": 1e3,
    "ksps": 1e3,
    "mhz": 1e6,
}


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
    titles = _titles(row[1], dialect, count, numbered) if row else [""] * count
    said = [_unit(title) for title in titles]
    merged = [below or above for below, above in zip(units or said, said, strict=True)]
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
    for delimiter in dict.fromkeys((dialect.delimiter, "\t", ";", ",", " ")):
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
    if not any(bare) or not all(unit == "" or _known(unit) for unit in bare):
        return None
    return [_known(unit) for unit in bare]


def _unit(title: str) -> str | None:
    """Return the unit at the end of a title: ``Time (ms)``, ``t/s``, ``a in m/s²``, ``time_us``."""
    for pattern in (_BRACKETS, _IN, _SUFFIX):
        if (match := pattern.search(title)) and (unit := _known(match[1].strip())):
            return unit
    return None


def _known(unit: str) -> str | None:
    lower = unit.lower()
    return TIME_UNITS.get(lower) or (unit if lower in _OTHER_UNITS else None)


def _stated(number: int, line: str) -> StatedRate | None:
    """Return the sample rate that a line of the header states."""
    for pattern in (_RATE, _STEP):
        if not (match := pattern.search(line)):
            continue
        value = _value(match[3])
        unit = (match[4] or match[2] or "").lower()
        if value is None or not math.isfinite(value):
            continue
        origin = f"line {number}, {match[1]!r}"
        if pattern is _RATE and unit in _HERTZ:
            return StatedRate(value * _HERTZ[unit], origin)
        if pattern is _STEP and value > 0 and (unit == "" or unit in TIME_UNITS):
            return StatedRate(_whole(1 / (value * SECONDS[TIME_UNITS.get(unit, "s")])), origin)
    return None


def _value(text: str) -> float | None:
    """Return a number of a header, whose decimal mark may differ from the table's."""
    text = text.rstrip(".,")
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None


def _whole(hertz: float) -> float:
    """Return a rate that comes of a rounded step as the whole number of Hz it was set to."""
    near = round(hertz)
    return float(near) if near and abs(hertz - near) < 1e-4 * hertz else hertz
