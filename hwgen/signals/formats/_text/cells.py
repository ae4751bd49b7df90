"""What one cell of a table is: a number, nothing, a date, a time of day, or words."""

from __future__ import annotations

import re
from enum import Enum


class Kind(Enum):
    """What a cell, or every cell of a column, is."""

    NUMBER = "number"
    BLANK = "blank"
    DATE = "date"
    CLOCK = "time of day"
    MINUTES = "minutes and seconds"
    MOMENT = "date and time"
    WORDS = "words"


_EXPONENT = r"(?:[eE][-+]?\d+)?"
_NUMBERS = {
    point: re.compile(rf"[-+]?(?:\d+(?:{re.escape(point)}\d*)?|{re.escape(point)}\d+){_EXPONENT}")
    for point in (".", ",")
}
MISSING = ("nan", "NaN", "NAN", "-nan", "NA", "N/A", "#N/A", "null", "NULL", "None", "-nan(ind)")
"""Words that stand in the place of a number that is not there."""
_STANDS_FOR_A_NUMBER = frozenset([*MISSING, "inf", "-inf", "+inf", "Inf", "-Inf", "Infinity"])
_DATE = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|"
    r"\d{1,2}[-/. ][A-Za-z]{3,9}\.?[-/. ,](?:\d{4}|\d{2})|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
)
"""Its order does not matter: only the time of day is read."""
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d*)?)?(?:\s?[AaPp][Mm])?"
_ZONE = r"\s?(?:Z|[-+]\d{2}:?\d{2})?"
_PATTERNS = (
    (Kind.DATE, re.compile(_DATE)),
    (Kind.CLOCK, re.compile(_CLOCK)),
    (Kind.MINUTES, re.compile(r"\d{1,2}:\d{2}[.,]\d+")),
    (Kind.MOMENT, re.compile(rf"(?:{_DATE})[T ]\s?{_CLOCK}{_ZONE}")),
)


def kind(cell: str, decimal: str) -> Kind:
    """Return what `cell`, stripped, is where `decimal` is the decimal mark."""
    if not cell:
        return Kind.BLANK
    if _NUMBERS[decimal].fullmatch(cell) or cell in _STANDS_FOR_A_NUMBER:
        return Kind.NUMBER
    return next((found for found, pattern in _PATTERNS if pattern.fullmatch(cell)), Kind.WORDS)
