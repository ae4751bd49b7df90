"""Cells of the board top beside the core: serial line, frames, stored window, counters.

Measured with Yosys 0.70: a `hwgen.gateware.top.LinkedCore` without its core, whose size depends on
little but the numbers among which the transmitter chooses.
"""

from __future__ import annotations

from hwgen.plans.counting import Counting, cells
from hwgen.plans.facts import CoreFacts
from hwgen.targets import Cells, Target

_LUT4 = 1_380
"""Without the choice among logits and other numbers."""


def linked(core: CoreFacts, target: Target) -> Cells:
    """Return the cells; without those of a sensor and its decision."""
    # The window that is kept to be replayed.
    ebr = Counting(target).memory(core.adc_bits, core.input_samples)
    choice = core.classes * core.logit_bits + core.numbers * core.number_bits
    return cells(_LUT4 + choice, 0, ebr)
