"""The iCE40's PLL (SB_PLL40): dividers for a frequency.

Limits and formulas are those of Lattice TN1251 / FPGA-TN-02052 (iCE40 sysCLOCK PLL) and of the data
sheet FPGA-DS-02008. With the simple feedback path::

    detector = input / (DIVR + 1)            10 to 133 MHz
    VCO      = detector * (DIVF + 1)         533 to 1066 MHz
    output   = VCO / 2 ** DIVQ               16 to 275 MHz, DIVQ 1 to 6
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hwgen.targets.dividers import nearest

INPUT_MHZ = (10.0, 133.0)
_OUTPUT_MHZ = (16, 275)
_DETECTOR_MHZ = (10, 133)
_VCO_MHZ = (533, 1066)
_INPUT_DIVS, _FEEDBACK_DIVS, _OUTPUT_STEPS = 16, 128, range(1, 7)
_FILTERS = ((17, 1), (26, 2), (44, 3), (66, 4), (101, 5))
"""Up to which frequency of the detector, in MHz, which FILTER_RANGE serves; 6 above."""


@dataclass(frozen=True)
class PllSettings:
    """Dividers of one PLL.

    Parameters
    ----------
    input_mhz, output_mhz
        Exact frequencies.
    input_div, feedback_div
        DIVR + 1 and DIVF + 1.
    output_step
        DIVQ: the VCO's frequency is halved so often.
    """

    input_mhz: Fraction
    output_mhz: Fraction
    input_div: int
    feedback_div: int
    output_step: int

    @property
    def detector_mhz(self) -> Fraction:
        """Frequency of the phase detector."""
        return self.input_mhz / self.input_div

    @property
    def vco_mhz(self) -> Fraction:
        """Frequency of the oscillator."""
        return self.detector_mhz * self.feedback_div

    @property
    def filter_range(self) -> int:
        """FILTER_RANGE for the detector's frequency."""
        return next((n for mhz, n in _FILTERS if self.detector_mhz < mhz), 6)


def plan_pll(input_mhz: float, target_mhz: float) -> PllSettings:
    """Return the settings that come near `target_mhz` (`hwgen.targets.dividers.nearest`).

    Raises
    ------
    CannotMeetError
        If a frequency is outside what the PLL takes or makes.
    """
    clock, wanted = (input_mhz, INPUT_MHZ), (target_mhz, _OUTPUT_MHZ)
    return nearest("the iCE40's", clock, wanted, _candidates)


def _candidates(source: Fraction, target: Fraction) -> list[PllSettings]:
    """Return every legal setting within one step of the feedback's divider of the target."""
    found = []
    for input_div in range(1, _INPUT_DIVS + 1):
        detector = source / input_div
        if not _DETECTOR_MHZ[0] <= detector <= _DETECTOR_MHZ[1]:
            continue
        for step in _OUTPUT_STEPS:
            below = int(target * 2**step / detector)
            for feedback_div in (below, below + 1):
                vco = detector * feedback_div
                output = vco / 2**step
                if (_VCO_MHZ[0] <= vco <= _VCO_MHZ[1] and 1 <= feedback_div <= _FEEDBACK_DIVS
                        and _OUTPUT_MHZ[0] <= output <= _OUTPUT_MHZ[1]):  # fmt: skip
                    found.append(PllSettings(source, output, input_div, feedback_div, step))
    return found
