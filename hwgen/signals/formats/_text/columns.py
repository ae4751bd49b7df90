"""The numbers of a table's columns, by pandas, in pieces: memory is that of what is asked for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

import numpy as np
import pandas as pd

from hwgen.errors import InputError
from hwgen.signals.formats._text.cells import MISSING, Kind, kind
from hwgen.signals.formats._text.dialect import Dialect
from hwgen.signals.formats._text.source import Source

_PIECE = 1 << 20
"""Cells parsed at a time."""
_KEPT = 1 << 22
"""Cells up to which all columns are kept once one is asked for."""


@dataclass(eq=False)
class Table:
    """Rows of cells below a header.

    Parameters
    ----------
    source, dialect
        The file, and how it is written.
    skip
        Lines of the header.
    kinds
        Of each column; numbers and words are read as such, blanks not at all.
    names
        Of each column, for messages.
    """

    source: Source
    dialect: Dialect
    skip: int
    kinds: Sequence[Kind]
    names: Sequence[str]
    _kept: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Lines of numbers."""
        return self.source.lines - self.skip

    def numbers(self, column: int) -> np.ndarray:
        """Return (rows,) float64 of a column of numbers.

        Raises
        ------
        InputError
            A line has more or fewer cells than the others, or one that is no finite number.
        """
        if column not in self._kept:
            numeric = [i for i, found in enumerate(self.kinds) if found is Kind.NUMBER]
            small = self.rows * len(numeric) <= _KEPT
            read = self._parsed(dict.fromkeys(numeric if small else [column], np.float64))
            if not small:
                return self._whole(column, read[column])
            self._kept.update(read)
        return self._whole(column, self._kept[column])

    def words(self, column: int, values: Callable[[pd.Series], np.ndarray]) -> np.ndarray:
        """Return (rows,) float64: what `values` makes of the cells of a column, piece by piece."""
        return self._whole(column, self._parsed({column: values})[column])

    def _parsed(self, wanted: dict[int, object]) -> dict[int, np.ndarray]:
        """Return the wanted columns; what is no number in them is NaN."""
        found = {column: np.empty(self.rows) for column in wanted}
        with self.source.open() as file:
            reader = _Plain(file, self.dialect, self.skip)
            start = 0
            try:
                for piece in self._pieces(reader):
                    stop = start + len(piece)
                    for column, of in wanted.items():
                        values = piece[column] if of is np.float64 else of(piece[column])  # type: ignore[operator]
                        found[column][start:stop] = values
                    self._check_width(piece, start)
                    start = stop
            except (ValueError, OverflowError) as error:
                raise self._explained(start, error) from error
        if start != self.rows or reader.delimiters not in (None, self._delimiters()):
            raise self._explained(0, None)
        return found

    def _pieces(self, reader: _Plain) -> Iterator[pd.DataFrame]:
        """Yield the rows as frames of all columns, each read as what it is."""
        words = {i: str for i, found in enumerate(self.kinds) if found is not Kind.NUMBER}
        numbers = {i: np.float64 for i, found in enumerate(self.kinds) if found is Kind.NUMBER}
        separator = {" ": r"\s+", "": "\x1f"}.get(self.dialect.delimiter, self.dialect.delimiter)
        with pd.read_csv(
            reader,
            sep=separator,
            header=None,
            names=None,
            index_col=False,
            dtype={**words, **numbers},
            decimal=self.dialect.decimal if self.dialect.delimiter != "," else ".",
            na_values=["", *MISSING],
            keep_default_na=False,
            skip_blank_lines=False,
            quoting=3,
            nrows=self.rows,
            chunksize=max(1, _PIECE // len(self.kinds)),
            engine="c",
        ) as pieces:
            yield from pieces

    def _check_width(self, piece: pd.DataFrame, start: int) -> None:
        """Refuse rows that are too short where delimiters cannot be counted."""
        last = len(self.kinds) - 1
        if self.dialect.delimiter == " " and piece[last].isna().any():
            row = start + int(np.argmax(piece[last].isna().to_numpy()))
            raise self._ragged(row)

    def _delimiters(self) -> int:
        return self.rows * (len(self.kinds) - 1)

    def _whole(self, column: int, values: np.ndarray) -> np.ndarray:
        """Return `values` if all of them are finite numbers."""
        finite = np.isfinite(values)
        if finite.all():
            return values
        row = int(np.argmin(finite))
        cells = self._cells(row)
        cell = cells[column] if column < len(cells) else ""
        raise InputError(
            f"{self.source.path} must hold finite samples, but sample {row} "
            f"({self._place(row, column)}) is {repr(cell) if cell else 'blank'}; "
            "cut the recording there, or leave the column out"
        )

    def _explained(self, start: int, error: Exception | None) -> InputError:
        """Return the error that names the first line, from row `start` on, that does not fit."""
        for row, line in enumerate(self._lines(start), start):
            cells = self.dialect.cells(line)
            if len(cells) != len(self.kinds):
                return self._ragged(row, len(cells))
            for column, (cell, meant) in enumerate(zip(cells, self.kinds, strict=True)):
                found = kind(cell, self.dialect.decimal)
                if meant is not Kind.WORDS and found not in (meant, Kind.BLANK):
                    return InputError(
                        f"{self.source.path} is not a table of numbers: "
                        f"{self._place(row, column)} is {cell[:40]!r}, not a {meant.value}"
                    )
        reason = " ".join(str(error).split())[:200]
        return InputError(f"{self.source.path} is not a usable table of numbers: {reason}")

    def _ragged(self, row: int, found: int | None = None) -> InputError:
        found = len(self._cells(row)) if found is None else found
        what = f"has {found}" if any(self._cells(row)) else "is blank"
        return InputError(
            f"{self.source.path}: line {self.skip + row + 1} {what}, where the others have "
            f"{len(self.kinds)} cells; the number of columns must not change"
        )

    def _place(self, row: int, column: int) -> str:
        of = f", column {self.names[column]!r}" if len(self.kinds) > 1 else ""
        return f"line {self.skip + row + 1}{of}"

    def _cells(self, row: int) -> list[str]:
        return self.dialect.cells(next(self._lines(row), ""))

    def _lines(self, start: int) -> Iterator[str]:
        """Yield the lines from row `start` on."""
        with self.source.open() as file:
            for number, line in enumerate(file):
                if self.skip + start <= number < self.source.lines:
                    yield line.rstrip("\n")


class _Plain(io.TextIOBase):
    """A file without its header and its quotation marks, whose delimiters are counted."""

    def __init__(self, file: TextIO, dialect: Dialect, skip: int) -> None:
        self._file, self._dialect = file, dialect
        for _ in range(skip):
            file.readline()
        self.delimiters: int | None = None if dialect.delimiter in (" ", "") else 0

    def read(self, size: int = -1) -> str:  # type: ignore[override]
        """Return about `size` characters, as whole lines."""
        text = self._file.read(size)
        if text and not text.endswith("\n"):
            text += self._file.readline()
        text = self._dialect.plain(text)
        if self.delimiters is not None:
            self.delimiters += text.count(self._dialect.delimiter)
        return text
