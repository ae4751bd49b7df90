"""Gowin's PLL (rPLL): dividers for a frequency.

Limits and formulas are those of Gowin UG286 (clock) and of the data sheets, the narrower of GW1N-9C
(C6/I5) and GW2A-18C (C8/I7)::

    detector = input / (IDIV_SEL + 1)        3 to 400 MHz
    output   = detector * (FBDIV_SEL + 1)    3.125 to 500 MHz
    VCO      = output * ODIV_SEL             500 to 1200 MHz
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hwgen.errors import CannotMeetError

INPUT_MHZ = (3.0, 400.0)
_OUTPUT_MHZ = (4, 500)
_DETECTOR_MHZ = (3, 400)
_VCO_MHZ = (500, 1200)
_LARGEST_DIVIDER = 64
_OUTPUT_DIVS = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
_TOLERANCE = Fraction(5, 100)


@dataclass(frozen=True)
class PllSettings:
    """Dividers of one PLL.

    Parameters
    ----------
    input_mhz, output_mhz
        Exact frequencies.
    input_div, feedback_div, output_div
        IDIV_SEL + 1, FBDIV_SEL + 1 and ODIV_SEL.
    """

    input_mhz: Fraction
    output_mhz: Fraction
    input_div: int
    feedback_div: int
    output_div: int

    @property
    def vco_mhz(self) -> Fraction:
        """Frequency of the oscillator."""
        return self.output_mhz * self.output_div


def plan_pll(input_mhz: float, target_mhz: float) -> PllSettings:
    """Return the settings that come near `target_mhz`.

    A clock up to 5 % above is preferred, else the nearest. Among equals the fastest phase detector
    wins (least jitter), then the VCO nearest to the middle of its range.

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    for name, value, (low, high) in (
        ("the board's clock", input_mhz, INPUT_MHZ),
        ("clock_mhz", target_mhz, _OUTPUT_MHZ),
    ):
        # written so that NaN fails too
        if not low <= value <= high:
            raise CannotMeetError(f"{name} must be {float(low):g} to {float(high):g} MHz "
                                  f"for Gowin's PLL, not {value:g}")  # fmt: skip
    source = Fraction(input_mhz).limit_denominator(1_000_000)
    target = Fraction(target_mhz).limit_denominator(1_000_000)

    def rank(settings: PllSettings) -> tuple[bool, Fraction, int, Fraction]:
        excess = settings.output_mhz - target
        above = 0 <= excess <= target * _TOLERANCE
        return not above, abs(excess), settings.input_div, abs(settings.vco_mhz - 850)

    return min(_candidates(source, target), key=rank)


def _candidates(source: Fraction, target: Fraction) -> list[PllSettings]:
    """Return every legal setting within one detector step of the target."""
    found = []
    for input_div in range(1, _LARGEST_DIVIDER + 1):
        detector = source / input_div
        if not _DETECTOR_MHZ[0] <= detector <= _DETECTOR_MHZ[1]:
            continue
        below = int(target / detector)
        for feedback_div in (below, below + 1):
            output = detector * feedback_div
            found += [
                PllSettings(source, output, input_div, feedback_div, output_div)
                for output_div in _OUTPUT_DIVS
                if 1 <= feedback_div <= _LARGEST_DIVIDER
                and _VCO_MHZ[0] <= output * output_div <= _VCO_MHZ[1]
            ]
    return found
