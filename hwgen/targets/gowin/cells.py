"""What parts take of a Gowin chip's cells (Gowin UG285, UG287): pure rules."""

from __future__ import annotations

from hwgen.targets.blocks import Shape, fewest

OPERAND_BITS = 18
"""Of a MULT18X18, signed."""
_MODES = ((1, 14), (2, 13), (4, 12), (9, 11), (18, 10))
"""Bits of a block's word, and of its address. Words of 36 bits are left out."""


def shape(width: int, depth: int) -> Shape:
    """Return the fewest block RAMs for a memory (`hwgen.targets.blocks.fewest`)."""
    return fewest(_MODES, width, depth)


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
