"""Weights as points on a trajectory: an adder a weight, and a shift by the word's class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.coding import Coded
from hwgen.coding.codes.trajectory import WEIGHT_BITS, Trajectory
from hwgen.plans.constants.csd import digits
from hwgen.plans.counting import Counting
from hwgen.plans.weights.coded import CodedPlan

SHIFTS = {1: 0, 2: 8, 4: 18}
"""LUT4 of a weight that choose its shift, by the number of classes: what Yosys 0.70 made."""


@dataclass(frozen=True, eq=False)
class TrajectoryPlan(CodedPlan):
    """Coded weights of `hwgen.coding.codes.trajectory`.

    Parameters
    ----------
    coded, lanes
        As of `hwgen.plans.weights.coded.CodedPlan`.
    """

    kind: ClassVar[str] = "trajectory"
    of: ClassVar[type[Coded]] = Trajectory
    stages: ClassVar[int] = 2

    coded: Trajectory

    @property
    def group(self) -> int:
        """Weights of a coded word."""
        return len(self.coded.directions)

    @property
    def bits(self) -> int:
        """Bits of a decoded weight, signed."""
        return WEIGHT_BITS

    def terms(self, direction: int) -> tuple[tuple[int, int], ...]:
        """Return the powers of two, with their signs, that a direction is, modulo theta's size."""
        size = self.coded.theta_bits
        written = (direction, direction - (1 << size))
        found = [
            tuple((place, sign) for place, sign in digits(value) if place < size)
            for value in written
        ]
        # One that begins with a plus needs no negation.
        return min(found, key=lambda each: (len(each), all(sign < 0 for _, sign in each)))

    def decoder(self, count: Counting) -> int:
        """Return the LUT4 that decode one word, about."""
        size, kinds = self.coded.theta_bits, 1 << self.coded.class_bits
        adders = 0
        for direction in self.coded.directions:
            terms = self.terms(direction)
            negated = all(sign < 0 for _, sign in terms)
            # Bits below the lowest term are 0.
            adders += (len(terms) - 1 + negated) * count.adder(size - min(p for p, _ in terms))
        return adders + self.group * SHIFTS[kinds]
