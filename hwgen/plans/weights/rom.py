"""Weights in a memory of the chip, each as it is: words, latency and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.checks import positive
from hwgen.fixedpoint import Integers
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.targets import Cells, Target


@dataclass(frozen=True, eq=False)
class RomPlan:
    """A word of weights for each cycle, side by side.

    Parameters
    ----------
    weights
        ``(words, weights a word)``; the first of a word has its lowest bits.
    bits
        Of a weight, signed.

    Raises
    ------
    ValueError
        If a weight does not fit its bits.
    """

    kind: ClassVar[str] = "rom"

    latency: ClassVar[int] = depths.MEMORY

    weights: Integers
    bits: int

    def __post_init__(self) -> None:
        limit = 1 << (positive("bits", self.bits) - 1)
        if self.weights.min() < -limit or self.weights.max() >= limit:
            raise ValueError(f"weights must fit {self.bits} bits, from {-limit} to {limit - 1}")

    @property
    def width(self) -> int:
        """Bits of a word."""
        return self.weights.shape[1] * self.bits

    @property
    def depth(self) -> int:
        """Words."""
        return len(self.weights)

    @property
    def words(self) -> tuple[int, ...]:
        """What the memory holds."""
        mask = (1 << self.bits) - 1
        return tuple(
            sum((int(weight) & mask) << (place * self.bits) for place, weight in enumerate(word))
            for word in self.weights
        )

    def cells(self, target: Target) -> Cells:
        """Return its block RAMs, and what chooses among rows of them."""
        count, of = Counting(target), (self.width, self.depth)
        return cells(count.selection(*of, rom=True), 0, count.memory(*of, rom=True))
