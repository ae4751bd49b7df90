"""Memories of block RAMs, side by side and behind one another: pure rules, of every family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNIT_BITS = 9
"""Of a unit that memory is made of: 8 and a ninth, which words of 1, 2 and 4 do without."""


@dataclass(frozen=True)
class Shape:
    """How a memory is made of blocks.

    Parameters
    ----------
    word, words
        Bits of a block's word, and words of a block.
    columns, rows
        Blocks side by side, and blocks behind one another.
    """

    word: int
    words: int
    columns: int
    rows: int

    @property
    def blocks(self) -> int:
        """All blocks."""
        return self.columns * self.rows


def fewest(modes: Iterable[tuple[int, int]], width: int, depth: int) -> Shape:
    """Return the fewest blocks for a memory; of equal ones the shallowest, then the narrowest.

    Parameters
    ----------
    modes
        Bits of a block's word, and of its address.
    width, depth
        Bits of a word of the memory, and words.
    """
    shapes = [
        Shape(word, 1 << bits, -(-width // word), -(-depth // (1 << bits))) for word, bits in modes
    ]
    return min(shapes, key=lambda each: (each.blocks, each.rows, each.word))


def in_units(word: int, words: Iterable[int]) -> int:
    """Return what a block of units holds, bit by bit, of its words from the first one on.

    Parameters
    ----------
    word
        Bits of a word.
    words
        Their values.
    """
    bits = 0
    per_unit = max(1, 8 // word) if word < UNIT_BITS else 1
    for place, value in enumerate(words):
        start = place * word
        if word < UNIT_BITS:
            start = place // per_unit * UNIT_BITS + place % per_unit * word
        bits |= value << start
    return bits
