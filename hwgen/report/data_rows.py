"""The report's optional part ``data``: what was read, class by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.grid import grid
from hwgen.report.rules import COUNT, SOME, TEXT, Rule, check_object, is_number, maybe
from hwgen.report.text import NOTHING, count, number
from hwgen.signals import Recording

_POSITIVE = maybe(Rule("a number > 0", lambda value: is_number(value) and value > 0))
_NAMES = Rule(
    "texts", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value)
)
_LIST = Rule("a list", lambda value: isinstance(value, list))
_DATA = {"name": TEXT, "classes": _LIST, "passed_over": _NAMES, "passed_over_count": COUNT}
_CLASS = {
    "class": TEXT,
    "files": SOME,
    "samples": SOME,
    "seconds": _POSITIVE,
    "channels": _NAMES,
    "channels_taken": SOME,
    "channels_of": SOME,
    "sample_rate": _POSITIVE,
    "rate_assumed_of": COUNT,
}
_ADDED = ("channels_taken",)
"""Not in reports of earlier versions, which know one."""

HEADER = ("index", "class", "files", "seconds", "channel", "rate")
RIGHT = (0, 2, 3)
"""Columns of numbers."""

_MOST = 100
"""Rows that a terminal is given; the report has them all."""


def check_data(report: Mapping[str, Any]) -> None:
    """Raise `ValueError` unless ``data``, where given, is what it must be."""
    part = report.get("data")
    if part is None:
        return
    check_object("data", part, _DATA)
    for index, row in enumerate(part["classes"]):
        check_object(f"data.classes[{index}]", row, _CLASS, without=_ADDED)


def data_rows(part: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row of texts per class, in the order of `HEADER`."""
    return [
        (
            str(index),
            row["class"],
            count(row["files"]),
            seconds(row),
            _channel(row),
            _rate(row),
        )
        for index, row in enumerate(part["classes"])
    ]


def data_lines(part: Mapping[str, Any]) -> list[str]:
    """Return the table of a data set and what was passed over, as lines."""
    rows = data_rows(part)
    lines = [f"data: {part['name']}", *grid(HEADER, rows[:_MOST], right=RIGHT)]
    if len(rows) > _MOST:
        lines.append(f"... and {count(len(rows) - _MOST)} more classes")
    if part["passed_over"]:
        lines.append(passed_over(part))
    return lines


def passed_over(part: Mapping[str, Any]) -> str:
    """Return a line that names what was not read."""
    more = part["passed_over_count"] - len(part["passed_over"])
    return f"passed over: {', '.join(part['passed_over'])}" + (
        f" and {count(more)} more" if more > 0 else ""
    )


def recording_lines(recording: Recording, rate_of_network: float | None) -> list[str]:
    """Return what was read of one recording, and what was assumed, as lines."""
    parts = [recording.source, f"{count(len(recording.samples))} samples"]
    if recording.channel:
        parts.insert(1, f"{recording.channel} ({recording.channels} of {recording.channels_of})")
    if recording.sample_rate is not None:
        parts.append(f"{_hertz(recording.sample_rate)} ({recording.rate_origin or 'assumed'})")
    elif rate_of_network is not None:
        parts.append(f"{_hertz(rate_of_network)} assumed: nobody states it; --sample-rate HZ does")
    else:
        parts.append("sample rate unknown")
    return [", ".join(parts), *recording.notices]


def _hertz(rate: float) -> str:
    return f"{rate:,.10g} Hz"


def seconds(row: Mapping[str, Any]) -> str:
    """Return how long a class's recordings are together; in samples where there is no rate."""
    if row["seconds"] is None:
        return f"{count(row['samples'])} samples"
    return number(row["seconds"])


def _channel(row: Mapping[str, Any]) -> str:
    names = row["channels"]
    if not names:
        return NOTHING
    more = f" and {count(len(names) - 1)} more" if len(names) > 1 else ""
    return f"{names[0]}{more} ({row.get('channels_taken', 1)} of {row['channels_of']})"


def _rate(row: Mapping[str, Any]) -> str:
    if row["sample_rate"] is None:
        return "unknown"
    rate = _hertz(row["sample_rate"])
    if not row["rate_assumed_of"]:
        return rate
    if row["rate_assumed_of"] == row["files"]:
        return f"{rate}, assumed"
    return f"{rate}, assumed for {count(row['rate_assumed_of'])} of {count(row['files'])} files"
