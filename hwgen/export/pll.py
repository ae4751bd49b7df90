"""Dividers of a PLL of which a format's ``format.toml`` gives the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hwgen.errors import CannotMeetError

_STEP = Fraction(1, 8)
"""Of the dividers that are no whole numbers."""


@dataclass(frozen=True)
class Pll:
    """Settings: the oscillator times `multiplier` over `input_div` over `output_div`.

    Parameters
    ----------
    input_mhz
        Of the board's oscillator.
    input_div
        A whole number.
    multiplier, output_div
        Multiples of an eighth.
    """

    input_mhz: Fraction
    input_div: int
    multiplier: Fraction
    output_div: Fraction

    @property
    def vco_mhz(self) -> Fraction:
        """Frequency inside."""
        return self.input_mhz * self.multiplier / self.input_div

    @property
    def broken(self) -> bool:
        """Whether a divider is no whole number."""
        return self.multiplier.denominator > 1 or self.output_div.denominator > 1

    @property
    def output_mhz(self) -> Fraction:
        """What comes out."""
        return self.vco_mhz / self.output_div


def plan_pll(limits: Mapping[str, Any], target_mhz: float) -> Pll:
    """Return the settings that come nearest to a clock.

    Of equal ones those of whole dividers, then of the fastest VCO, which jitters least.

    Parameters
    ----------
    limits
        ``input_mhz``, and lowest and highest ``vco_mhz``, ``multiplier``, ``output_div``.
    target_mhz
        The clock.

    Raises
    ------
    CannotMeetError
        If it is outside what the PLL makes.
    """
    source, target = Fraction(limits["input_mhz"]), Fraction(target_mhz).limit_denominator(10**6)
    (least, most), (low, high) = limits["vco_mhz"], limits["output_div"]
    if not Fraction(least) / high <= target <= Fraction(most) / low:
        raise CannotMeetError(f"clock_mhz must be {least / high:g} to {most / low:g} for the "
                              f"board's PLL, not {target_mhz:g}")  # fmt: skip
    first, last = (Fraction(limit) for limit in limits["multiplier"])
    found = []
    for eighths in range(int(first / _STEP), int(last / _STEP) + 1):
        multiplier = eighths * _STEP
        vco = source * multiplier
        if least <= vco <= most:
            below = int(vco / target / _STEP) * _STEP
            found += [
                Pll(source, 1, multiplier, divider)
                for divider in (below, below + _STEP)
                # No fraction below 2: the cell has whole steps there.
                if low <= divider <= high and (divider >= 2 or divider == 1)
            ]
    return min(found, key=lambda each: (abs(each.output_mhz - target), each.broken, -each.vco_mhz))
