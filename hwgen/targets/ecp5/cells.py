"""What parts take of an ECP5's cells (Lattice FPGA-DS-02012): pure rules."""

from __future__ import annotations

from hwgen.targets.blocks import Shape, fewest

OPERAND_BITS = 18
"""Of a MULT18X18D, signed."""
PORT_BITS = 18
"""Data pins of a DP16KD's port."""
_MANY_ROWS = 6
"""Of a multiplier of adders."""
_OF_NINE = 1.2
"""LUT4 a bit and row of one whose fifth row is the sign alone. (Yosys shares less there:
of four in an array it makes more, of 64 in a core no more than this.)"""
_MODES = ((1, 14), (2, 13), (4, 12), (9, 11), (18, 10), (36, 9))
"""Bits of a DP16KD's word, and of its address: words of 36 bits take the pins of both ports."""


def shape(width: int, depth: int, widest: int = 2 * PORT_BITS) -> Shape:
    """Return the fewest DP16KD for a memory (`hwgen.targets.blocks.fewest`).

    Words of a block that both ports read have at most 18 bits: `widest`.
    """
    return fewest((mode for mode in _MODES if mode[0] <= widest), width, depth)


def selection(width: int, rows: int) -> int:
    """Return the LUT4 that choose the word of one of so many rows of blocks: an estimate."""
    return int(0.6 * width * (rows - 1))


def two_port_rom_shape(width: int, depth: int) -> Shape:
    """Return how a ROM that both ports read is made of blocks."""
    return shape(width, depth, PORT_BITS)


def adder(bits: int) -> int:
    """Return the LUT4 of an adder: a CCU2C adds two bits and takes the place of two LUT4."""
    return bits + bits % 2


def multiplier(a: int, b: int) -> int:
    """Return the LUT4 of a multiplier of adders, two bits of b a row: an estimate.

    Of 20 sizes, 4 x 4 to 18 x 18, what Yosys 0.70 makes is at most 17 % more and 6 % less.
    """
    rows = -(-b // 2)
    gates = a * b
    # The rows are first made two, and then added: a bit and row of many takes more than of few.
    each = _OF_NINE if b == 9 else 0.6 if rows < _MANY_ROWS else 1.08
    less = int(each * rows * (a + b)) if rows > 2 else 0
    return gates + rows * adder(a + 1) + less + adder(a + b - 3)
