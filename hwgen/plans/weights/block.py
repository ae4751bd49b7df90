"""Weights with an exponent that a few share: a shift a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.coding import Coded
from hwgen.coding.codes.block import Block
from hwgen.plans.counting import Counting
from hwgen.plans.weights.coded import CodedPlan

_MOST = 50
"""LUT4 of a weight, from 4 bits of mantissa on."""


@dataclass(frozen=True, eq=False)
class BlockPlan(CodedPlan):
    """Coded weights of `hwgen.coding.codes.block`.

    Parameters
    ----------
    coded, lanes
        As of `hwgen.plans.weights.coded.CodedPlan`.
    """

    kind: ClassVar[str] = "block"
    of: ClassVar[type[Coded]] = Block
    stages: ClassVar[int] = 1

    coded: Block

    @property
    def group(self) -> int:
        """Weights of a coded word."""
        return self.coded.group

    @property
    def number_bits(self) -> int:
        """Bits of what is shifted, signed."""
        return self.coded.mantissa + self.coded.odd

    @property
    def bits(self) -> int:
        """Bits of a decoded weight, signed."""
        return self.number_bits + (1 << self.coded.exponent) - 1

    def decoder(self, count: Counting) -> int:
        """Return the LUT4 that decode one word, about: a choice of shifts for each bit.

        They are what Yosys 0.70 made of mantissas of 1 to 4 bits, `odd` or not: with 3 bits of
        exponent twice as much for each bit of mantissa.
        """
        del count
        bits = self.coded.mantissa
        found = {1: bits, 2: max(4 * bits - 5, bits + 2), 3: 7 << (bits - 1)}[self.coded.exponent]
        return self.group * min(found, _MOST)
