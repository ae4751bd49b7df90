"""What parts take of a Gowin chip's cells (Gowin UG285, UG287): pure rules."""

from __future__ import annotations

from dataclasses import dataclass

OPERAND_BITS = 18
"""Of a MULT18X18, signed."""
_MODES = ((1, 14), (2, 13), (4, 12), (9, 11), (18, 10))
"""Bits of a block's word, and of its address. Words of 36 bits are left out."""


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
        """Block RAMs."""
        return self.columns * self.rows


def shape(width: int, depth: int) -> Shape:
    """Return the fewest blocks for a memory; of equal ones the shallowest, then the narrowest."""
    shapes = [
        Shape(word, 1 << bits, -(-width // word), -(-depth // (1 << bits))) for word, bits in _MODES
    ]
    return min(shapes, key=lambda each: (each.blocks, each.rows, each.word))


def selection(width: int, rows: int) -> int:
    """Return the LUT4 that choose the word of one of so many rows: two choose among four."""
    return width * -(-2 * (rows - 1) // 3)


def adder(bits: int) -> int:
    """Return the cells of an adder: an ALU a bit takes the place of a LUT4."""
    return bits


def multiplier(a: int, b: int) -> int:
    """Return the LUT4 of a multiplier of adders, two bits of b a row: an estimate."""
    rows = -(-b // 2)
    return rows * 2 * (a + 1) + (rows - 1) * (a + 3)
