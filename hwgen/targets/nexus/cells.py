"""What parts take of a Nexus chip's cells (Lattice FPGA-DS-02049, FPGA-DS-02078): pure rules."""

from __future__ import annotations

from hwgen.targets.blocks import Shape, fewest

OPERAND_BITS = 18
"""Of a MULT18X18, signed."""
PORT_BITS = 18
"""Data pins of each port of a block RAM."""
_MODES = ((1, 14), (2, 13), (4, 12), (9, 11), (18, 10), (36, 9))
"""Bits of a block's word, and of its address: words of 36 bits take the pins of both ports."""
_NO_CHAIN = 4
"""Up to so many bits Yosys adds in look-up tables."""


def shape(width: int, depth: int, widest: int = 2 * PORT_BITS) -> Shape:
    """Return the fewest block RAMs for a memory (`hwgen.targets.blocks.fewest`).

    Words of a block that both ports read have at most 18 bits: `widest`.
    """
    return fewest((mode for mode in _MODES if mode[0] <= widest), width, depth)


def selection(width: int, rows: int) -> int:
    """Return the LUT4 that choose the word of one of so many rows of blocks: an estimate."""
    return int(0.6 * width * (rows - 1))


def adder(bits: int) -> int:
    """Return the LUT4 of an adder: a CCU2 adds two bits and takes the place of two LUT4.

    One more brings the carry in.
    """
    return bits + bits % 2 + (2 if bits > _NO_CHAIN else 0)


def multiplier(a: int, b: int) -> int:
    """Return the LUT4 of a multiplier of adders, two bits of b a row: an estimate."""
    rows = -(-b // 2)
    return a * b + rows * adder(a + 1) + (rows - 1) * adder(a + 3)
