"""Plain weights of a few bits, each row with the scale that clips best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import scales
from hwgen.coding.coded import Choice, Coded, flag, of_shape, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.fixedpoint import Integers

MOST_BITS = 8
_CLIPS = np.geomspace(0.12, 1.1, 48)
"""Largest level over largest weight of a row, as tried."""
_SAMPLE = 1 << 17
"""Weights with which the clip is chosen."""
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Uniform(Coded):
    """A word a weight, row by row.

    A word is a two's complement number of `width` bits; the weight is that number, or, where `odd`,
    twice it plus 1: as many levels above zero as below, and none at zero.

    Parameters
    ----------
    width
        1 (a sign alone, `odd`) to 8.
    odd
        Whether levels are odd numbers.
    """

    code: ClassVar[str] = "uniform"

    width: int
    odd: bool

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        whole("width", self.width, 1 if flag("odd", self.odd) else 2, MOST_BITS)
        of_shape("words", self.words, (self.size,))

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.width

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``."""
        numbers = self.words - ((self.words >> (self.width - 1)) << self.width)
        return (2 * numbers + 1 if self.odd else numbers).reshape(self.shape)


CODED = Uniform


def levels(weights: Floats, stored: Integers, width: int, *, odd: bool) -> Integers:
    """Return the numbers of `width` bits that are nearest to weights, with stored scales."""
    scale = scales.from_bits(stored)[:, None]
    steps = np.divide(weights, scale, out=np.zeros_like(weights), where=scale > 0)
    found = np.floor(steps / 2) if odd else np.rint(steps)
    limit = 1 << (width - 1)
    return np.clip(found, -limit, limit - 1).astype(np.int64)


class _Best:
    """The scales with the least squared error of those that were tried, row by row or for all.

    Parameters
    ----------
    matrix, width, odd
        What is to be said, and with which numbers.
    rows
        Whether each row has a scale of its own.
    """

    def __init__(self, matrix: Floats, width: int, *, odd: bool, rows: bool):
        self._matrix, self._width, self._odd, self._rows = matrix, width, odd, rows
        largest = np.abs(matrix).max(axis=1) if rows else np.abs(matrix).max(keepdims=True)[0]
        self.largest: Floats = largest
        self._least = np.full(len(largest), np.inf)
        self.scales = np.zeros(len(largest), np.int64)

    def judge(self, stored: Integers) -> None:
        """Try scales."""
        said = self.values(stored) * scales.from_bits(stored)[:, None]
        wrong = ((self._matrix - said) ** 2).sum(axis=1)
        wrong = wrong if self._rows else wrong.sum(keepdims=True)
        better = wrong < self._least
        self._least[better], self.scales[better] = wrong[better], stored[better]

    def values(self, stored: Integers) -> Integers:
        """Return the integers of scales."""
        numbers = levels(self._matrix, stored, self._width, odd=self._odd)
        return 2 * numbers + 1 if self._odd else numbers

    def refine(self) -> None:
        """Try the scales that suit the numbers best, and again."""
        for _ in range(_ROUNDS):
            self.judge(scales.fitted(self._matrix, self.values(self.scales), rows=self._rows))


def _with_clip(matrix: Floats, width: int, *, odd: bool, rows: bool) -> tuple[Integers, Integers]:
    """Return numbers and scales: the best clip of those tried, then the scales that suit best."""
    top = (1 << width) - 1 if odd else max((1 << (width - 1)) - 0.5, 1.0)
    whole = _Best(matrix, width, odd=odd, rows=rows)
    some = matrix[:, :: max(1, matrix.size // _SAMPLE)]
    part = whole if some is matrix else _Best(some, width, odd=odd, rows=rows)
    for clip in _CLIPS:
        part.judge(scales.to_bits(whole.largest * clip / top))
    whole.judge(part.scales)
    whole.refine()
    return levels(matrix, whole.scales, width, odd=odd), whole.scales


def fit(
    weights: npt.ArrayLike, *, width: int = 4, odd: bool | None = None, rows: bool = True
) -> Uniform:
    """Return weights in `width` bits, with the least squared error.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    odd
        Whether levels are odd numbers; None: what is nearer.
    rows
        Whether each row has a scale of its own.
    """
    matrix = checked(weights)
    kinds = [odd] if odd is not None else [True] if width == 1 else [False, True]
    found = []
    for kind in kinds:
        numbers, stored = _with_clip(matrix, width, odd=kind, rows=rows)
        words = (numbers & ((1 << width) - 1)).reshape(-1)
        found.append(Uniform(matrix.shape, words, stored, width, kind))
    return min(found, key=lambda each: float(np.linalg.norm(matrix - each.real)))


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    del shape
    return [Choice({"width": width}, width) for width in range(1, MOST_BITS + 1)]
