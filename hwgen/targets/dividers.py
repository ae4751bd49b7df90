"""A PLL's dividers, and which settings come nearest to a frequency: what families ask alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from hwgen.errors import CannotMeetError

_TOLERANCE = Fraction(5, 100)
_FINE = 1_000_000
"""Frequencies are taken for fractions of at most so large a denominator."""

Limits = tuple[float | Fraction, float | Fraction]
"""Lowest and highest, in MHz."""
Settings = TypeVar("Settings", bound=Any)


@dataclass(frozen=True)
class Dividers:
    """Settings of a PLL with three dividers: before the detector, of the feedback, of the output.

    Parameters
    ----------
    input_mhz, output_mhz
        Exact frequencies.
    input_div, feedback_div, output_div
        Dividers; what the cell calls them is the family's.
    """

    input_mhz: Fraction
    output_mhz: Fraction
    input_div: int
    feedback_div: int
    output_div: int

    @property
    def detector_mhz(self) -> Fraction:
        """Frequency of the phase detector."""
        return self.input_mhz / self.input_div

    @property
    def vco_mhz(self) -> Fraction:
        """Frequency of the oscillator."""
        return self.output_mhz * self.output_div


def nearest(
    whose: str,
    clock: tuple[float, Limits],
    wanted: tuple[float, Limits],
    candidates: Callable[[Fraction, Fraction], Iterable[Settings]],
    middle_mhz: float | None = None,
) -> Settings:
    """Return the settings that come nearest to a frequency, rather above than below.

    The lowest reachable frequency in ``[target, 1.05 target]`` wins, else the nearest. Among equals
    the fastest phase detector wins (least jitter), then the VCO nearest to the middle of its range.

    Parameters
    ----------
    whose
        Of which chip the PLL is, for messages.
    clock, wanted
        Input and target in MHz, with what the PLL takes and makes.
    candidates
        Returns the legal settings near a target, of exact input and target.
    middle_mhz
        Of the VCO's range; None: that does not tell settings apart.

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    for name, (value, (low, high)) in (("the board's clock", clock), ("clock_mhz", wanted)):
        # written so that NaN fails too
        if not low <= value <= high:
            raise CannotMeetError(
                f"{name} must be {float(low):g} to {float(high):g} MHz for {whose} PLL, not "
                f"{value:g}"
            )
    source, target = (Fraction(mhz).limit_denominator(_FINE) for mhz, _ in (clock, wanted))

    def rank(settings: Settings) -> tuple[bool, Fraction, int, Fraction]:
        excess = settings.output_mhz - target
        above = 0 <= excess <= target * _TOLERANCE
        off = Fraction(0) if middle_mhz is None else abs(settings.vco_mhz - Fraction(middle_mhz))
        return not above, abs(excess), settings.input_div, off

    return min(candidates(source, target), key=rank)
