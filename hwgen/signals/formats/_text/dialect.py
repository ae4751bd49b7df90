"""How a table is written: what parts its columns, its decimal mark, where its numbers begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hwgen.errors import InputError
from hwgen.signals.formats._text.cells import Kind, kind

_SAMPLE = 50
"""Lines by which a dialect is judged."""
QUOTED_DECIMAL = re.compile(r'"([-+]?\d*),(\d+(?:[eE][-+]?\d+)?)"')
_TYPOGRAPHY = {0xA0: " ", 0x202F: " ", 0x2212: "-"}
_QUOTED = re.compile(r'"([^"\n]*)"')
_HALF = re.compile(r"[-+]?0\d+(?:[eE][-+]?\d+)?|[-+]?\d\d+[eE][-+]?\d+")
"""No number is written so: 028, 18e-3."""
_FOOTED = 4
"""Rows alike before a last line that is none."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_LONG = 1 << 15
"""Characters of a line by which its dialect is judged; a recording in one line has more."""


@dataclass(frozen=True)
class Dialect:
    """How cells are told from each other and read.

    Parameters
    ----------
    delimiter
        One character, ``" "`` for any run of spaces and tabs, ``""`` where a line is one cell.
    decimal
        ``"."`` or ``","``.
    """

    delimiter: str
    decimal: str

    def plain(self, text: str) -> str:
        """Return whole lines without quotation marks; ``"1,5"`` between commas becomes 1.5.

        Spaces that do not break are spaces, and a typographer's minus is one.
        """
        text = text.translate(_TYPOGRAPHY)
        if '"' not in text:
            return text
        if self.delimiter == ",":
            text = QUOTED_DECIMAL.sub(r"\1.\2", text)
        return _QUOTED.sub(r"\1", text)

    def cells(self, line: str) -> list[str]:
        """Return what is between the delimiters, stripped."""
        line = self.plain(line)
        if self.delimiter == " ":
            return line.split()
        parts = line.split(self.delimiter) if self.delimiter else [line]
        return [part.strip() for part in parts]

    def kinds(self, line: str) -> list[Kind]:
        """Return what each cell of `line` is."""
        return [kind(cell, self.decimal) for cell in self.cells(line)]


_DIALECTS = tuple(
    Dialect(delimiter, decimal)
    for delimiter in (";", "\t", ",", "|", " ", "")
    for decimal in (".", ",")
    if (delimiter, decimal) != (",", ",")
)


def recognised(path: Path, lines: Sequence[str]) -> Dialect:
    """Return the dialect in which most of the last of `lines` are rows of numbers alike.

    Raises
    ------
    InputError
        None is, a line has too many columns, or two dialects give different numbers.
    """
    tail = [line for line in lines if line.strip()][-_SAMPLE:]
    if sum(len(line) > _LONG for line in tail) > 1:
        raise InputError(
            f"{path} has lines of more than {_LONG} characters, a window a line perhaps; "
            "write one sample a line"
        )
    tail = [_cut(line) for line in tail]
    scored = [(_score(dialect, tail), dialect) for dialect in _DIALECTS]
    (score, dialect) = max(scored, key=lambda pair: pair[0])
    if score[1] <= 1 and max(_score(each, tail[:-1])[1] for each in _DIALECTS) >= _FOOTED:
        raise InputError(
            f"{path} ends with {tail[-1].strip()[:60]!r}, which is no row like those before it; "
            "take it away, or copy the file again if it was cut"
        )
    if score == (0.0, 0):
        raise InputError(f"{path} is not a table of numbers: its last lines hold none")
    return _unambiguous(path, dialect, [_cut(line) for line in lines])


def first_row(dialect: Dialect, lines: Sequence[str]) -> int:
    """Return the index of the line at which the numbers begin: rows like the last ones."""
    kinds = [dialect.kinds(_cut(line)) for line in lines]
    pattern = next(found for found in reversed(kinds) if any(k is not Kind.BLANK for k in found))
    fits = [_alike(found, pattern) for found in kinds]
    for index, fit in enumerate(fits):
        following = [fits[i] for i in range(index, min(index + 9, len(lines))) if lines[i].strip()]
        if fit and 2 * sum(following) > len(following):
            return index
    return len(lines) - 1


def _cut(line: str) -> str:
    """Return `line`, or its first cells if it is long."""
    if len(line) <= _LONG:
        return line
    return line[: max((line.rfind(mark, 0, _LONG) for mark in ";\t,| "), default=0)]


def _score(dialect: Dialect, tail: Sequence[str]) -> tuple[float, int]:
    """Return which share of the last line is understood, and how many before it are alike."""
    if not tail:
        return 0.0, 0
    if dialect.delimiter and not any(dialect.delimiter in line.strip() for line in tail[-2:]):
        return 0.0, 0
    pattern = dialect.kinds(tail[-1])
    known = sum(found not in (Kind.WORDS, Kind.BLANK) for found in pattern)
    filled = sum(found is not Kind.BLANK for found in pattern)
    if not known or (dialect.delimiter and len(pattern) < 2):
        return 0.0, 0
    alike = 0
    for line in reversed(tail):
        if not _alike(dialect.kinds(line), pattern):
            break
        alike += 1
    return known / filled, alike


def _alike(found: Sequence[Kind], pattern: Sequence[Kind]) -> bool:
    """Return whether two rows hold the same kinds; a blank may stand for anything."""
    return (
        len(found) == len(pattern)
        and all(a is b or Kind.BLANK in (a, b) for a, b in zip(found, pattern, strict=True))
        and any(a not in (Kind.BLANK, Kind.WORDS) for a in found)
    )


def _unambiguous(path: Path, dialect: Dialect, lines: Sequence[str]) -> Dialect:
    """Return `dialect`, or the one with decimal commas that is meant; refuse what may be both."""
    start = first_row(dialect, lines)
    rows = [dialect.cells(line) for line in lines[start:] if line.strip()]
    numbers = [
        cell
        for row in rows
        for cell in row
        if cell[-1:].isdigit() and kind(cell, dialect.decimal) is Kind.NUMBER
    ]
    if dialect.delimiter == "," and not any("." in cell for cell in numbers):
        return _of_integers(path, dialect, rows, lines[start - 1] if start else "")
    if dialect.decimal == ",":
        marked = [cell for cell in numbers if "," in cell]
        if marked and all(re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", cell) for cell in marked):
            raise InputError(
                f"{path}: {marked[0]!r} may have a decimal comma or one that parts thousands; "
                "write decimal points, and no marks between thousands"
            )
    return dialect


def _of_integers(
    path: Path, dialect: Dialect, rows: Sequence[Sequence[str]], above: str
) -> Dialect:
    """Return what a table without a point between its commas is: its cells may be halves.

    A sign in a column, titles over all of them, or a first one that counts, say that they are
    columns. Leading zeros (0,028) say that they are halves; three digits may be thousands.
    """
    rows = [row for row in rows if len(row) == len(rows[-1])]
    columns = list(zip(*rows, strict=True))
    unsigned = [all(cell and cell[0] not in "-+" for cell in column) for column in columns[1:]]
    halves = next((cell for row in rows for cell in row if _HALF.fullmatch(cell)), None)
    told = above.count(",") == len(columns) - 1 or (len(columns) == 2 and _counts(columns[0]))
    if not any(unsigned) or (told and not halves):
        return dialect
    if len(columns) == 2 and not told:
        thousands = all(len(row[1]) == 3 and row[0].strip("-+") != "0" for row in rows)
        if halves and not thousands and not any("e" in cell.lower() for cell in columns[0]):
            return Dialect("", ",")
    raise InputError(
        f"{path}: {halves or ','.join(rows[0][:2])!r} may be part of a number with a decimal "
        "comma, or thousands, or a column; write decimal points, or put titles over the columns"
    )


def _counts(cells: Sequence[str]) -> bool:
    """Return whether `cells` are integers that rise one by one, and too many for chance."""
    filled = [cell for cell in cells if cell]
    if not all(_WHOLE.fullmatch(cell) for cell in filled):
        return False
    values = [int(cell) for cell in filled]
    return len(values) > 9 and all(b - a == 1 for a, b in pairwise(values))
