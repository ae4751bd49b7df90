"""What parts take of an iCE40 UltraPlus's cells (Lattice FPGA-DS-02008): pure rules."""

from __future__ import annotations

from hwgen.targets.blocks import Shape, fewest
from hwgen.targets.target import Turns

FACTOR_BITS = 16
"""Operand of an SB_MAC16, signed. Bits beyond it are multiplied in logic."""
OPERAND_BITS = 18
"""Widest operand that one SB_MAC16 and logic beside it multiply."""
WORD_BITS = 16
"""Data pins of an SB_RAM40_4K and of an SB_SPRAM256KA."""
SINGLE_BITS = 14
"""Address pins of an SB_SPRAM256KA."""
_SHALLOW = 512
"""Memories that are shallower than this are smaller in block RAM than in a 256-Kbit one."""
_MODES = ((2, 11), (4, 10), (8, 9), (16, 8))
"""Bits of an SB_RAM40_4K's word, and of its address."""


def shape(width: int, depth: int) -> Shape:
    """Return the fewest SB_RAM40_4K for a memory (`hwgen.targets.blocks.fewest`)."""
    return fewest(_MODES, width, depth)


def selection(width: int, rows: int) -> int:
    """Return the LUT4 that choose the word of one of so many rows: two choose among four."""
    return width * -(-2 * (rows - 1) // 3)


def single_port_bits(width: int, depth: int, turns: Turns) -> int:
    """Return how many of a word's bits, the lowest ones, lie in memories with a single port.

    A chip has four of these, and nobody here knows the other memories of a design: no memory takes
    more than one for each of its banks. One bank takes a narrow memory as a whole, or leaves it;
    two take what they have room for.
    """
    fits = _SHALLOW <= depth <= turns.banks << SINGLE_BITS
    if not fits or (turns.banks == 1 and width > WORD_BITS):
        return 0
    return min(width, WORD_BITS)


def adder(bits: int) -> int:
    """Return the LUT4 of an adder: one a bit, with the carry in its cell."""
    return bits


def beside(a: int, b: int) -> int:
    """Return the LUT4 beside an SB_MAC16: the products of the low bits that it has no pins for.

    An estimate: a row of an adder for each of these bits, and one that adds the rows of both.
    """
    low_a, low_b = max(0, a - FACTOR_BITS), max(0, b - FACTOR_BITS)
    rows = low_a * (b + 1) + low_b * (min(a, FACTOR_BITS) + 1)
    both = max(a, b) + low_a + low_b if low_a and low_b else 0
    return rows + both


def multiplier(a: int, b: int) -> int:
    """Return the LUT4 of a multiplier of adders, two bits of b a row: an estimate."""
    rows = -(-b // 2)
    # A row: its two multiples (a bit of both is a table) and the carry chain that adds them.
    return rows * 2 * (a + 1) + (rows - 1) * (a + 3)
