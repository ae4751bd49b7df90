"""Uniform weights in a canonical Huffman code: few bits for the frequent ones."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import scales
from hwgen.coding.coded import Choice, Coded, Stored, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

WORD_BITS, LENGTH_BITS = 8, 4
MOST_LENGTH = (1 << LENGTH_BITS) - 1
LOWEST, HIGHEST = -128, 127
_ROUNDS = 6
_WORTH = 0.1155
"""Squared steps that a bit is worth: what one more costs where there are many (ln 4 / 12)."""
_AT_ONCE = 1 << 18


@dataclass(frozen=True, eq=False)
class Huffman(Coded):
    """Codes of all weights, row by row; a word is a byte of them, its top bit first.

    The code is canonical: of codes of the same length those of smaller numbers are smaller, and
    shorter ones come before longer. Behind the last code the bits are 0.

    Parameters
    ----------
    first
        The smallest number that a code may mean.
    lengths
        ``(numbers,)``: bits of the codes of `first`, ``first + 1``, ...; 0: there is none.
    """

    code: ClassVar[str] = "huffman"

    first: int
    lengths: Integers

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        if self.lengths.ndim != 1 or self.words.ndim != 1:
            raise InputError("lengths and words must be rows of numbers")
        whole("first", self.first, LOWEST, HIGHEST)
        whole("numbers", self.lengths.size, 1, HIGHEST + 1 - self.first)
        used = self.lengths[self.lengths > 0]
        if (0.5**used).sum() > 1:
            raise InputError("lengths must be those of a code: no code begins another")

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return WORD_BITS

    def tables(self) -> dict[str, Stored]:
        """Return how the lengths are stored."""
        return {"lengths": Stored(LENGTH_BITS)}

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``.

        Raises
        ------
        InputError
            If the words end early or late, or hold what is no code.
        """
        meaning, taken = _table(self.lengths)
        bits = np.unpackbits(self.words.astype(np.uint8))
        places = _places(bits, taken, self.size)
        last = places[-1] + taken[_window(bits, places[-1:])][0]
        if -(-last // WORD_BITS) != len(self.words) or bits[last:].any():
            raise InputError("words must end with the last weight, and with bits that are 0")
        found = np.empty(self.size, np.int64)
        for start in range(0, self.size, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = meaning[_window(bits, places[part])]
        return (found + self.first).reshape(self.shape)


CODED = Huffman


def canonical(lengths: Integers) -> Integers:
    """Return the codes of lengths, 0 where there is none."""
    codes = np.zeros(len(lengths), np.int64)
    code = before = 0
    for place in np.argsort(lengths, kind="stable"):
        if length := int(lengths[place]):
            code = code << (length - before) if before else 0
            codes[place] = code
            code, before = code + 1, length
    return codes


def _table(lengths: Integers) -> tuple[Integers, Integers]:
    """Return what the next `MOST_LENGTH` bits mean, and how many are taken; 0: they are no code."""
    meaning = np.zeros(1 << MOST_LENGTH, np.int64)
    taken = np.zeros(1 << MOST_LENGTH, np.int64)
    codes = canonical(lengths)
    for place in np.flatnonzero(lengths):
        rest = MOST_LENGTH - int(lengths[place])
        part = slice(int(codes[place]) << rest, (int(codes[place]) + 1) << rest)
        meaning[part], taken[part] = place, lengths[place]
    return meaning, taken


def _window(bits: npt.NDArray[np.uint8], places: Integers) -> Integers:
    """Return the numbers that the next `MOST_LENGTH` bits at places are; zeros follow the last."""
    found = np.zeros(len(places), np.int64)
    for offset in range(MOST_LENGTH):
        at = places + offset
        found = 2 * found + np.where(at < len(bits), bits[np.minimum(at, len(bits) - 1)], 0)
    return found


def _places(bits: npt.NDArray[np.uint8], taken: Integers, count: int) -> Integers:
    """Return where each code begins."""
    found = np.empty(count, np.int64)
    place = done = 0
    while done < count:
        end = min(place + _AT_ONCE, len(bits))
        steps = taken[_window(bits, np.arange(place, end))].tolist()
        begin, ahead = place, 0
        while done < count and ahead < len(steps):
            found[done] = begin + ahead
            step = steps[ahead]
            if not step:
                raise InputError("words must hold codes, but some bits are none")
            ahead, done = ahead + step, done + 1
        place = begin + ahead
        if place > len(bits) or (place == len(bits) and done < count):
            raise InputError("words must hold a code for every weight, but end before")
    return found


def lengths_of(counts: Integers, most: int = MOST_LENGTH) -> Integers:
    """Return the lengths of the best code with none over `most`; 0 for what does not occur.

    Source: L. Larmore and D. Hirschberg, "A fast algorithm for optimal length-limited Huffman
    codes", 1990: package-merge.

    Raises
    ------
    ValueError
        If there are more numbers than codes of `most` bits.
    """
    used = np.flatnonzero(counts)
    found = np.zeros(len(counts), np.int64)
    if len(used) > 1 << most:
        raise ValueError(f"most must leave codes for {len(used)} numbers, not be {most}")
    if len(used) == 1:
        found[used] = 1
        return found
    coins = sorted((int(counts[place]), (int(place),)) for place in used)
    packages: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(most):
        merged = list(heapq.merge(coins, packages))
        packages = [
            (one[0] + other[0], one[1] + other[1])
            for one, other in zip(merged[::2], merged[1::2], strict=False)
        ]
    for _, places in packages[: len(used) - 1]:
        np.add.at(found, list(places), 1)
    return found


def _stream(numbers: Integers, lengths: Integers) -> Integers:
    """Return the bytes of the codes of places in `lengths`."""
    codes = canonical(lengths)
    parts = []
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        each = lengths[some]
        ends = np.cumsum(each)
        bits = np.zeros(int(ends[-1]), np.uint8)
        for offset in range(int(each.max())):
            has = offset < each
            bits[(ends - each)[has] + offset] = (codes[some[has]] >> (each[has] - 1 - offset)) & 1
        parts.append(bits)
    return np.packbits(np.concatenate(parts)).astype(np.int64)


def _rounded(steps: Floats, lengths: Integers | None, first: int) -> Integers:
    """Return whole numbers near `steps`: of the two nearest to zero's side the cheaper one."""
    near = np.clip(np.rint(steps), LOWEST, HIGHEST).astype(np.int64)
    if lengths is None:
        return near
    toward = near - np.sign(near)
    costs = [
        (steps - each) ** 2 + _WORTH * _length(each - first, lengths) for each in (near, toward)
    ]
    return np.where(costs[1] < costs[0], toward, near)


def _length(places: Integers, lengths: Integers) -> Floats:
    inside = (places >= 0) & (places < len(lengths))
    found = np.where(inside, lengths[np.clip(places, 0, len(lengths) - 1)], 0)
    return np.where(found > 0, found, 1e9)


def fit(weights: npt.ArrayLike, *, step: float = 0.5) -> Huffman:
    """Return weights as whole numbers of one step, in the code that suits them.

    A weight is rounded toward zero where that saves more bits than its error is worth.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    step
        Relative to the weights' RMS; where 8 bits hold the largest weight in coarser steps alone,
        it is those.
    """
    matrix = checked(weights)
    size = float(np.sqrt((matrix**2).mean()))
    stored = scales.to_bits(np.array([max(size * step, float(np.abs(matrix).max()) / HIGHEST)]))
    numbers = _rounded(_steps(matrix, stored), None, 0)
    for _ in range(_ROUNDS):
        first = int(numbers.min())
        lengths = lengths_of(np.bincount((numbers - first).reshape(-1)))
        stored = scales.fitted(matrix, numbers, rows=False)
        numbers = _rounded(_steps(matrix, stored), lengths, first)
    first = int(numbers.min())
    lengths = lengths_of(np.bincount((numbers - first).reshape(-1)))
    words = _stream((numbers - first).reshape(-1), lengths)
    return Huffman(matrix.shape, words, stored, first, lengths)


def _steps(matrix: Floats, stored: Integers) -> Floats:
    scale = scales.from_bits(stored)[0]
    return matrix / scale if scale else np.zeros_like(matrix)


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    del shape
    return [Choice({"step": float(2.0 ** (-place / 16))}) for place in range(-32, 97)]
