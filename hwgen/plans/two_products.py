"""Two products of one value on one multiplier, where weights are narrow: exact, and who gets it.

Both weights are one operand, ``second * 2**place + first``. The lowest `place` bits of its product
with the value are the first product; what is above them is the second, less one where the first is
negative (Y. Fu et al., Deep Learning with INT8 Optimization on Xilinx Devices, Xilinx WP486, 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hwgen.fixedpoint import signed_width
from hwgen.plans import depths


@dataclass(frozen=True)
class TwoProducts:
    """How two weights lie in one operand.

    Parameters
    ----------
    place
        Bits of the first product: where the second begins.
    operand
        Bits of both weights together, signed.
    """

    place: int
    operand: int

    @classmethod
    def of(cls, value_width: int, low: int, high: int) -> Self | None:
        """Return how weights of ``[low, high]`` lie; None if one multiplier cannot take two.

        Parameters
        ----------
        value_width
            Bits of the value, signed.
        low, high
            The least and the greatest weight.
        """
        values = -(1 << (value_width - 1)), (1 << (value_width - 1)) - 1
        products = [value * weight for value in values for weight in (low, high)]
        place = signed_width(min(products), max(products))
        operand = signed_width((low << place) + low, (high << place) + high)
        return cls(place, operand) if operand <= depths.OPERAND else None


@dataclass(frozen=True)
class Allotment:
    """Which products of an array one multiplier each does, which share one, which are logic.

    Products of two rows that follow each other are shared, lane by lane, the first rows first.

    Parameters
    ----------
    shared
        Multipliers that do two products.
    single
        Multipliers that do one.
    logic
        Products that are made of adders.
    """

    shared: int
    single: int
    logic: int

    @classmethod
    def of(cls, rows: int, lanes: int, dsp: int, two: TwoProducts | None) -> Self:
        """Return what becomes of an array's products with at most `dsp` multipliers.

        Two share one only where there would not be enough: each takes some adders.
        """
        size = rows * lanes
        most = min(rows // 2 * lanes, dsp) if two else 0
        shared = min(most, max(0, size - dsp))
        single = min(dsp - shared, size - 2 * shared)
        return cls(shared, single, size - 2 * shared - single)

    @property
    def dsp(self) -> int:
        """Multipliers that are DSP cells."""
        return self.shared + self.single
