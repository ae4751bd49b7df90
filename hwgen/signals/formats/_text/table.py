"""Tables as text, whatever program wrote them: columns of numbers, titled or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Channel, Contents
from hwgen.signals.formats._text import clock
from hwgen.signals.formats._text.cells import MISSING, Kind, kind
from hwgen.signals.formats._text.columns import Table
from hwgen.signals.formats._text.dialect import QUOTED_DECIMAL, Dialect, first_row, recognised
from hwgen.signals.formats._text.header import Header, Shape, numbers_columns, read_header
from hwgen.signals.formats._text.roles import Role, Sampled, counts, roles, sampled
from hwgen.signals.formats._text.source import Source, look_through

_WIDE = 64
"""Numbers in a line from which it is not one sample of each of as many sensors."""
_MOST_IN_A_LINE = 1 << 19
_TIME_TITLE = re.compile(r"\W*(?:time|date|zeit|datum|uhrzeit|timestamp)", re.IGNORECASE)


def read(path: Path) -> Contents:
    """Return the columns of a table.

    Encoding, delimiter, decimal mark, header lines, titles, units and stated sample rates are
    found out; what was guessed and might change numbers is said. A column of words is passed
    over, one that numbers the rows too; dates and times of day become seconds.

    Raises
    ------
    InputError
        It is no table of numbers, or may be read in two ways. A cell that is no number is found
        when its channel is loaded.
    """
    source = look_through(path)
    dialect = recognised(path, source.head)
    skip = first_row(dialect, source.head)
    numbered = numbers_columns(dialect, source.head[skip:])
    skip += numbered
    rows = sampled(dialect, source.head[skip:])
    width = len(rows.cells[0])
    if width > _WIDE and (source.lines - skip) < width:
        return _rows(source, skip, rows)
    kinds = [rows.kind(column) for column in range(width)]
    shape = Shape(width, counts(rows.values(0)), ended=kinds[-1] is Kind.BLANK)
    header = read_header(source.head[: skip - numbered], dialect, shape)
    names = _names(header.titles)
    found = roles(rows, header.titles, kinds)
    contents = _contents(Table(source, dialect, skip, kinds, names), header, rows, found)
    if not numbered:
        return contents
    line = source.head[skip - 1].strip()[:60]
    told = f"line {skip}, {line!r}, numbers the columns; it is not read as samples"
    return replace(contents, notices=(*contents.notices, told))


def _contents(table: Table, header: Header, rows: Sampled, found: list[Role]) -> Contents:
    """Return the columns as channels."""
    notices = [*table.source.notices, *_of_dialect(table.dialect, table.source.head[table.skip :])]
    channels: list[Channel] = []
    if Role.PART in found:
        channels.append(clock.of_parts(table))
        notices.append("columns 1 to 4 are read as hour, minute, second and microsecond")
    for column, role in enumerate(found):
        if role is Role.VALUES:
            unit = header.units[column]
            load = partial(table.numbers, column)
            head = rows.values(column)
            channels.append(
                Channel(table.names[column], table.rows, load, unit, number=column + 1, head=head)
            )
        elif role is Role.CLOCK:
            channels.append(clock.of_words(table, column))
    if header.unread is not None:
        notices.append(
            f"the line over the numbers, {header.unread[:60]!r}, is not titles of {len(found)} "
            "columns; it says no units"
        )
    notices += [
        f"column {table.names[i]!r} ({rows.cells[0][i][:30]!r}) is not read as time"
        for i, role in enumerate(found)
        if role is Role.WORDS and _TIME_TITLE.match(header.titles[i])
    ]
    passed_over = [table.names[i] for i, role in enumerate(found) if role is Role.WORDS]
    counters = [table.names[i] for i, role in enumerate(found) if role is Role.COUNTER]
    way_out = "" if header.rates else "; --sample-rate says the rate"
    notices += [
        f"column {name!r} numbers the rows; it is not read as time{way_out}" for name in counters
    ]
    if table.rows < 2:
        passed_over, channels = [*passed_over, *(channel.name for channel in channels)], []
    return Contents(tuple(channels), header.rates, (*passed_over, *counters), tuple(notices))


def _rows(source: Source, skip: int, rows: Sampled) -> Contents:
    """Return the numbers of the only line as a channel; refuse lines that are windows."""
    dialect, width = rows.dialect, len(rows.cells[0])
    if source.lines - skip > 1:
        raise InputError(
            f"{source.path} has {source.lines - skip} lines of {width} numbers: it seems to hold "
            "a window a line; write one sample a line, and one file or column a recording"
        )
    if width > _MOST_IN_A_LINE:
        raise InputError(
            f"{source.path} has {width} numbers in its only line, more than {_MOST_IN_A_LINE}; "
            "write one sample a line"
        )

    width -= not rows.cells[0][-1]  # a mark at the end

    def load() -> np.ndarray:
        with source.open() as file:
            cells = dialect.cells(next(islice(file, skip, None)))[:width]
        return np.array([_number(source.path, cell, i, dialect) for i, cell in enumerate(cells)])

    said = f"the {width} numbers in the only line are read as samples of one channel"
    notices = (*source.notices, *_of_dialect(dialect, source.head[skip:]), said)
    return Contents((Channel("1", width, load),), notices=notices)


def _number(path: Path, cell: str, index: int, dialect: Dialect) -> float:
    number = kind(cell, dialect.decimal) is Kind.NUMBER
    value = float(cell.replace(dialect.decimal, ".")) if number and cell not in MISSING else np.nan
    if not np.isfinite(value):
        raise InputError(f"{path} must hold finite samples, but sample {index} is {cell[:40]!r}")
    return value


def _of_dialect(dialect: Dialect, lines: Sequence[str]) -> tuple[str, ...]:
    """Return what was guessed of the dialect and changes numbers."""
    quoted = dialect.delimiter == "," and any(QUOTED_DECIMAL.search(line) for line in lines)
    commas = quoted or dialect.decimal == ","
    return ("commas in numbers are read as decimal marks",) if commas else ()


def _names(titles: Sequence[str]) -> list[str]:
    """Return a name for each column: its title, or its number; none of several is the title."""
    plain = [title or str(number) for number, title in enumerate(titles, 1)]
    return [
        f"{name} (column {number})" if plain.count(name) > 1 else name
        for number, name in enumerate(plain, 1)
    ]
