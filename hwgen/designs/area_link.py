"""Cells of the board top beside the core: serial line, frames, stored window, counters.

Measured with Yosys 0.70: a `hwgen.gateware.top.LinkedCore` without its core, whose size depends on
little but the logits among which the transmitter chooses.
"""

from __future__ import annotations

from hwgen.quantized import QuantizedModel
from hwgen.targets import Target

_LUT4 = 1_380
"""Without the choice among logits."""


def lut4(model: QuantizedModel) -> int:
    """Return the LUT4; without those of a sensor and its decision."""
    return _LUT4 + len(model.classes) * model.logit_width


def ebr(model: QuantizedModel, target: Target) -> int:
    """Return the block RAMs: those of the window that is kept to be replayed."""
    return target.memory(model.bits.adc, model.input_samples)["ebr"]
