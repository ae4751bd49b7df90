"""The ECP5's PLL (EHXPLLL): dividers for a frequency.

Limits and formulas are those of Lattice TN1263 / FPGA-TN-02200 (ECP5 sysCLOCK PLL/DLL) and of the
data sheet's "sysCLOCK PLL Timing"; the lowest phase detector frequency is Project Trellis's. With
feedback from CLKOP::

    detector = input / CLKI_DIV          3.125 to 400 MHz
    output   = detector * CLKFB_DIV      3.125 to 400 MHz
    VCO      = output * CLKOP_DIV        400 to 800 MHz
"""

from __future__ import annotations

import functools
from fractions import Fraction

from hwgen.targets.dividers import Dividers, nearest

INPUT_MHZ = (8.0, 400.0)
_OUTPUT_MHZ = (Fraction("3.125"), 400)
_DETECTOR_MHZ = (Fraction("3.125"), 400)
_VCO_MHZ = (400, 800)
_LARGEST_DIVIDER = 128


class PllSettings(Dividers):
    """Dividers of one PLL: CLKI_DIV, CLKFB_DIV and CLKOP_DIV."""


@functools.cache
def plan_pll(input_mhz: float, target_mhz: float) -> PllSettings:
    """Return the settings that come near `target_mhz` (`hwgen.targets.dividers.nearest`).

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    clock, wanted = (input_mhz, INPUT_MHZ), (target_mhz, _OUTPUT_MHZ)
    return nearest("the ECP5's", clock, wanted, _candidates, 600)


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
            if not (1 <= feedback_div <= _LARGEST_DIVIDER
                    and _OUTPUT_MHZ[0] <= output <= _OUTPUT_MHZ[1]):  # fmt: skip
                continue
            found += [
                PllSettings(source, output, input_div, feedback_div, output_div)
                for output_div in range(1, _LARGEST_DIVIDER + 1)
                if _VCO_MHZ[0] <= output * output_div <= _VCO_MHZ[1]
            ]
    return found
