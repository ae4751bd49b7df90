"""Gowin's PLL (rPLL): dividers for a frequency.

Limits and formulas are those of Gowin UG286 (clock) and of the data sheets, the narrower of GW1N-9C
(C6/I5) and GW2A-18C (C8/I7)::

    detector = input / (IDIV_SEL + 1)        3 to 400 MHz
    output   = detector * (FBDIV_SEL + 1)    3.125 to 500 MHz
    VCO      = output * ODIV_SEL             500 to 1200 MHz
"""

from __future__ import annotations

from fractions import Fraction

from hwgen.targets.dividers import Dividers, nearest

INPUT_MHZ = (3.0, 400.0)
_OUTPUT_MHZ = (4, 500)
_DETECTOR_MHZ = (3, 400)
_VCO_MHZ = (500, 1200)
_LARGEST_DIVIDER = 64
_OUTPUT_DIVS = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)


class PllSettings(Dividers):
    """Dividers of one PLL: IDIV_SEL + 1, FBDIV_SEL + 1 and ODIV_SEL."""


def plan_pll(input_mhz: float, target_mhz: float) -> PllSettings:
    """Return the settings that come near `target_mhz` (`hwgen.targets.dividers.nearest`).

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    clock, wanted = (input_mhz, INPUT_MHZ), (target_mhz, _OUTPUT_MHZ)
    return nearest("Gowin's", clock, wanted, _candidates, 850)


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
