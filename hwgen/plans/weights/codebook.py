"""Weights as places in one table, which each lane has in look-up tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.coding import Coded
from hwgen.coding.codes.codebook import ENTRY_BITS, Codebook
from hwgen.plans.counting import Counting
from hwgen.plans.weights.coded import CodedPlan


@dataclass(frozen=True, eq=False)
class CodebookPlan(CodedPlan):
    """Coded weights of `hwgen.coding.codes.codebook`, with one table for all rows.

    Parameters
    ----------
    coded, lanes
        As of `hwgen.plans.weights.coded.CodedPlan`.

    Raises
    ------
    ValueError
        If rows have tables of their own.
    """

    kind: ClassVar[str] = "codebook"
    of: ClassVar[type[Coded]] = Codebook
    stages: ClassVar[int] = 1

    coded: Codebook

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.coded.table) != 1:
            raise ValueError(f"coded must have 1 table for all rows, not {len(self.coded.table)}")

    @property
    def group(self) -> int:
        """Weights of a coded word."""
        return 1

    @property
    def bits(self) -> int:
        """Bits of a decoded weight, signed."""
        return ENTRY_BITS

    def decoder(self, count: Counting) -> int:
        """Return the LUT4 that decode one word, about: a table of each of its bits."""
        del count
        return ENTRY_BITS << max(self.coded.width - 4, 0)
