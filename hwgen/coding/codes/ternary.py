"""Weights of three values: five of them in a byte, 1.6 bits each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import grouping, scales
from hwgen.coding.coded import Choice, Coded, of_shape
from hwgen.coding.matrix import checked
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

GROUP, WORD_BITS = 5, 8
_PLACES = 3 ** np.arange(GROUP)


@dataclass(frozen=True, eq=False)
class Ternary(Coded):
    """A word for five rows at a tap: a number below 243.

    Its digits of base 3, less 1, are the weights; the lowest digit is the first row's.
    """

    code: ClassVar[str] = "ternary"

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        of_shape("words", self.words, (grouping.groups(self.shape, GROUP),))
        if self.words.max() >= 3**GROUP:
            raise InputError(f"words must be below {3**GROUP}, not {self.words.max()}")

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return WORD_BITS

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``: -1, 0 and 1."""
        return grouping.ungrouped(self.words[:, None] // _PLACES % 3 - 1, self.shape)


CODED = Ternary


def fit(weights: npt.ArrayLike) -> Ternary:
    """Return weights as -1, 0 and 1 of a row's scale, with the least squared error.

    Of the ``k`` largest weights of a row, ``k`` that makes ``(sum of |w|)^2 / k`` largest is best.
    """
    matrix = checked(weights)
    sizes = np.abs(matrix)
    order = np.sort(sizes, axis=1)[:, ::-1]
    counts = np.arange(1, matrix.shape[1] + 1)
    kept = (np.cumsum(order, axis=1) ** 2 / counts).argmax(axis=1)
    least = order[np.arange(len(matrix)), kept]
    signs = np.where(sizes >= least[:, None], np.sign(matrix), 0.0).astype(np.int64)
    words = (grouping.grouped(signs, GROUP) + 1) @ _PLACES
    return Ternary(matrix.shape, words, scales.fitted(matrix, signs, rows=True))


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`: there are none."""
    return [Choice({}, grouping.groups(shape, GROUP) * WORD_BITS / (shape[0] * shape[1]))]
