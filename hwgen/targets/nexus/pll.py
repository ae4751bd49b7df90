"""Nexus's PLL: dividers for a frequency.

Limits are those of the data sheets (FPGA-DS-02049, FPGA-DS-02078, "sysCLOCK PLL Timing"). The
feedback is an output of its own, whose divider is the only one in it::

    detector = input / REF_MMD_DIG       18 to 500 MHz
    VCO      = detector * (DIVF + 1)     800 to 1600 MHz
    output   = VCO / (DIVA + 1)          6.25 to 800 MHz
"""

from __future__ import annotations

import functools
from fractions import Fraction

from hwgen.targets.dividers import Dividers, nearest

INPUT_MHZ = (18.0, 500.0)
_OUTPUT_MHZ = (Fraction("6.25"), 800)
_DETECTOR_MHZ = (18, 500)
_VCO_MHZ = (800, 1600)
_LARGEST_DIVIDER = 128


class PllSettings(Dividers):
    """Dividers of one PLL: REF_MMD_DIG, DIVF + 1 and DIVA + 1."""


@functools.cache
def plan_pll(input_mhz: float, target_mhz: float) -> PllSettings:
    """Return the settings that come near `target_mhz` (`hwgen.targets.dividers.nearest`).

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    clock, wanted = (input_mhz, INPUT_MHZ), (target_mhz, _OUTPUT_MHZ)
    return nearest("Nexus's", clock, wanted, _candidates, 1200)


def _candidates(source: Fraction, target: Fraction) -> list[PllSettings]:
    """Return, for every legal detector and VCO, the settings on both sides of the target."""
    found = []
    for input_div in range(1, _LARGEST_DIVIDER + 1):
        detector = source / input_div
        if not _DETECTOR_MHZ[0] <= detector <= _DETECTOR_MHZ[1]:
            continue
        for feedback_div in range(1, _LARGEST_DIVIDER + 1):
            vco = detector * feedback_div
            if not _VCO_MHZ[0] <= vco <= _VCO_MHZ[1]:
                continue
            below = min(int(vco / target), _LARGEST_DIVIDER)
            found += [
                PllSettings(source, vco / output_div, input_div, feedback_div, output_div)
                for output_div in (below, below + 1)
                if 1 <= output_div <= _LARGEST_DIVIDER
                and _OUTPUT_MHZ[0] <= vco / output_div <= _OUTPUT_MHZ[1]
            ]
    return found
