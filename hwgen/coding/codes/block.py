"""Block float: a few weights share an exponent."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import grouping, scales
from hwgen.coding.coded import Choice, Coded, flag, of_shape, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.coding.packing import MAX_BITS
from hwgen.fixedpoint import Integers

MOST_GROUP, MOST_MANTISSA, MOST_EXPONENT = 8, 8, 3
_ROUNDS = 6
_CLIPS = np.geomspace(0.25, 1.2, 16)
_SAMPLE = 1 << 12
"""Groups with which scales are chosen."""


@dataclass(frozen=True, eq=False)
class Block(Coded):
    """A word for `group` rows at a tap: mantissas, the first row's lowest, and an exponent on top.

    A mantissa is a two's complement number; the weight is that number (where `odd`, twice it plus
    1) times 2 to the exponent.

    Parameters
    ----------
    group
        Weights of a word.
    mantissa, exponent
        Bits of each; the exponent is unsigned.
    odd
        Whether mantissas stand for odd numbers.
    """

    code: ClassVar[str] = "block"

    group: int
    mantissa: int
    exponent: int
    odd: bool

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        whole("group", self.group, 1, MOST_GROUP)
        whole("mantissa", self.mantissa, 1 if flag("odd", self.odd) else 2, MOST_MANTISSA)
        whole("exponent", self.exponent, 1, MOST_EXPONENT)
        whole("bits of a word", self.word_bits, 2, MAX_BITS)
        of_shape("words", self.words, (grouping.groups(self.shape, self.group),))

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.group * self.mantissa + self.exponent

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``."""
        fields = self.words[:, None] >> (np.arange(self.group) * self.mantissa)
        numbers = fields & ((1 << self.mantissa) - 1)
        numbers -= (numbers >> (self.mantissa - 1)) << self.mantissa
        exponents = self.words[:, None] >> (self.group * self.mantissa)
        return grouping.ungrouped(
            (2 * numbers + 1 if self.odd else numbers) << exponents, self.shape
        )


CODED = Block


def _encoded(
    matrix: Floats, stored: Integers, group: int, mantissa: int, exponent: int, *, odd: bool
) -> Block:
    """Return the nearest words for stored scales: every exponent is tried for every word."""
    scale = scales.from_bits(stored)[:, None]
    points = grouping.grouped(
        np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0), group
    )
    costs = grouping.grouped(np.broadcast_to(scale**2, matrix.shape).copy(), group)
    limit = 1 << (mantissa - 1)
    least = np.full(len(points), np.inf)
    words = np.zeros(len(points), np.int64)
    for power in range(1 << exponent):
        part = points / (1 << power)
        numbers = np.clip(np.floor(part / 2) if odd else np.rint(part), -limit, limit - 1)
        wrong = ((points - (2 * numbers + 1 if odd else numbers) * (1 << power)) ** 2 * costs).sum(
            1
        )
        fields = numbers.astype(np.int64) & ((1 << mantissa) - 1)
        word = (fields << (np.arange(group) * mantissa)).sum(1) + (power << (group * mantissa))
        better = wrong < least
        least[better], words[better] = wrong[better], word[better]
    return Block(matrix.shape, words, stored, group, mantissa, exponent, odd)


def fit(
    weights: npt.ArrayLike,
    *,
    group: int = 5,
    mantissa: int = 3,
    exponent: int = 3,
    odd: bool | None = None,
) -> Block:
    """Return weights in block float, with a small squared error.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    group, mantissa, exponent
        Of `Block`.
    odd
        Whether mantissas stand for odd numbers; None: what is nearer.
    """
    matrix = checked(weights)
    found = [
        _with_scales(matrix, group, mantissa, exponent, odd=kind)
        for kind in ([odd] if odd is not None else [True] if mantissa == 1 else [False, True])
    ]
    return min(found, key=lambda each: float(np.linalg.norm(matrix - each.real)))


def _with_scales(matrix: Floats, group: int, mantissa: int, exponent: int, *, odd: bool) -> Block:
    top = ((1 << mantissa) - 1 if odd else (1 << (mantissa - 1)) - 0.5) * 2 ** ((1 << exponent) - 1)
    largest = np.abs(matrix).max(axis=1)
    # Scales are chosen with some of the taps; all the words are searched once.
    sample = matrix[:, :: max(1, matrix.size // (_SAMPLE * group))]

    def encoded(stored: Integers, of: Floats = sample) -> Block:
        return _encoded(of, stored, group, mantissa, exponent, odd=odd)

    tried = [encoded(scales.to_bits(largest * clip / top)) for clip in _CLIPS]
    best = min(tried, key=lambda each: float(np.linalg.norm(sample - each.real)))
    for _ in range(_ROUNDS):
        found = encoded(scales.fitted(sample, best.decode(), rows=True))
        if np.linalg.norm(sample - found.real) >= np.linalg.norm(sample - best.real):
            break
        best = found
    found = encoded(best.scales, matrix)
    return dataclasses.replace(found, scales=scales.fitted(matrix, found.decode(), rows=True))


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    group = min(5, shape[0])
    words = grouping.groups(shape, group) / (shape[0] * shape[1])
    widths = [(mantissa, 3 if mantissa < 6 else 2) for mantissa in range(1, MOST_MANTISSA + 1)]
    return [
        Choice(
            {"group": group, "mantissa": mantissa, "exponent": exponent},
            words * (group * mantissa + exponent),
        )
        for mantissa, exponent in widths
        if group * mantissa + exponent <= MAX_BITS
    ]
