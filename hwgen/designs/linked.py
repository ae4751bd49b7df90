"""Cells of the board top beside the core: serial line, frames, stored window, counters.

And where there is a score: what learns its threshold.

Measured with Yosys 0.70: a `hwgen.gateware.top.LinkedCore` without its core, whose size depends on
little but the logits among which the transmitter chooses.
"""

from __future__ import annotations

from hwgen.golden.learning import bins
from hwgen.plans.counting import Counting, cells
from hwgen.plans.facts import CoreFacts
from hwgen.protocol import MAX_WINDOWS
from hwgen.targets import Cells, Target, Turns

COUNT_BITS = MAX_WINDOWS.bit_length()
"""Of what a learn phase counts in a bin."""
_LUT4 = 1_380
"""Without the choice among logits."""
_VALUES = 250
"""More for values, which come as a stream: 190 to 314 for 30 to 100,000 of them in a window."""
_LEARNING, _A_BIT = 620, 6
"""More for a threshold that can be changed and learnt: 688, 693 and 798 for scores of 12, 20 and 31
bits."""
_FLASH, _FLASH_A_BIT = 370, 4
"""More for a flash that keeps it: 410, 452 and 496 for the same."""


def linked(core: CoreFacts, target: Target, *, flash: bool = False) -> Cells:
    """Return the cells; without those of a sensor and its decision.

    Parameters
    ----------
    flash
        Whether the board has one for a threshold.
    """
    # The window that is kept to be replayed.
    window = Counting(target).turning(core.adc_bits, core.input_samples, Turns())
    choice = core.classes * core.logit_bits + _VALUES * bool(core.numbers)
    found = cells(_LUT4 + choice, 0, 0) + window
    if core.threshold is None:
        return found
    bits = core.logit_bits - 1
    counts = Counting(target).memory(COUNT_BITS, bins(bits))
    found += cells(_LEARNING + _A_BIT * bits, 0, counts)
    return found + cells(_FLASH + _FLASH_A_BIT * bits, 0, 0) if flash else found
