"""Weights as places in a table of a few values, which Lloyd's algorithm chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import scales
from hwgen.coding.coded import Choice, Coded, Stored, of_shape, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.fixedpoint import Integers

MOST_BITS = 8
ENTRY_BITS = 8
_LIMIT = (1 << (ENTRY_BITS - 1)) - 1
_ROUNDS = 60
_SAMPLE = 1 << 17
"""Weights that a table is fitted to, where there are more."""


@dataclass(frozen=True, eq=False)
class Codebook(Coded):
    """A word a weight, row by row: the weight's place in the table.

    Parameters
    ----------
    table
        ``(1, 2^width)`` for all rows, or ``(rows, 2^width)``: signed integers of 8 bits.
    """

    code: ClassVar[str] = "codebook"

    width: int
    table: Integers

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        entries = 1 << whole("width", self.width, 1, MOST_BITS)
        of_shape("words", self.words, (self.size,))
        many = len(self.table) if self.table.ndim else 0
        of_shape("table", self.table, (1 if many == 1 else self.shape[0], entries))

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.width

    def tables(self) -> dict[str, Stored]:
        """Return how the table is stored."""
        return {"table": Stored(ENTRY_BITS, signed=True)}

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``."""
        words = self.words.reshape(self.shape)
        table = np.broadcast_to(self.table, (self.shape[0], self.table.shape[1]))
        return np.take_along_axis(table, words, axis=1)


CODED = Codebook


def lloyd(values: Floats, entries: int) -> Floats:
    """Return entries in order, with a small squared distance from values to the nearest of them.

    Source: S. Lloyd, "Least squares quantization in PCM", 1982. It begins with entries as dense as
    the cube root of the values' density, the best for many entries.
    """
    ordered = np.sort(values)
    # The density is 1 over the gap, so its cube root times the gap is the gap to the 2/3.
    mass = np.cumsum(np.diff(ordered, prepend=ordered[0]) ** (2 / 3))
    places = np.searchsorted(mass, (np.arange(entries) + 0.5) / entries * mass[-1])
    table = ordered[np.minimum(places, len(ordered) - 1)]
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    for _ in range(_ROUNDS):
        borders = np.searchsorted(ordered, (table[1:] + table[:-1]) / 2)
        ends = np.concatenate([[0], borders, [len(ordered)]])
        counts = np.diff(ends)
        moved = np.where(counts > 0, np.diff(sums[ends]) / np.maximum(counts, 1), table)
        if np.array_equal(moved, table):
            break
        table = np.sort(moved)
    return table


def nearest(values: Floats, table: Integers) -> Integers:
    """Return the places of the entries, in order, that are nearest to values."""
    borders = (table[1:] + table[:-1]) / 2
    return np.searchsorted(borders, values).astype(np.int64)


def _table(values: Floats, entries: int) -> Integers:
    """Return a table of whole numbers for values that are within its limit."""
    step = max(1, len(values) // _SAMPLE)
    found = np.rint(lloyd(values[::step], entries))
    return np.clip(found, -_LIMIT - 1, _LIMIT).astype(np.int64)


def fit(weights: npt.ArrayLike, *, width: int = 4, tables: str = "one") -> Codebook:
    """Return weights as places in tables of ``2^width`` entries.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    tables
        ``"one"`` for all rows, each of which has a scale; or ``"rows"``.
    """
    matrix = checked(weights)
    rows = tables == "rows"
    if not rows:
        largest = np.sqrt((matrix**2).mean(axis=1))
        largest *= (np.abs(matrix) / np.where(largest > 0, largest, 1.0)[:, None]).max()
    else:
        largest = np.abs(matrix).max(axis=1)
    stored = scales.to_bits(largest / _LIMIT)
    entries = 1 << width
    for _ in range(1 if rows else 3):
        scale = scales.from_bits(stored)[:, None]
        steps = np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)
        if rows:
            table = np.stack([_table(each, entries) for each in steps])
        else:
            table = _table(steps.reshape(-1), entries)[None]
        words = np.stack([nearest(each, table[row if rows else 0])
                          for row, each in enumerate(steps)])  # fmt: skip
        found = Codebook(matrix.shape, words.reshape(-1), stored, width, table)
        stored = scales.fitted(matrix, found.decode(), rows=True)
    return found


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    del shape
    return [Choice({"width": width}, width) for width in range(1, MOST_BITS + 1)]
