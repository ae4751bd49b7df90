"""LUT4 of the front-end by accumulation (`hwgen.explore.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.explore.area_front import adder, approximation
from hwgen.hardware.dft_lane import clipped_width, sum_width
from hwgen.hardware.ecp5 import two_port_rom_shape
from hwgen.hardware.memory import blocks
from hwgen.quantized.dft import QuantizedDft

_INTAKE_LUT4 = 55
"""The account of samples and of the sweep's words."""

_LANE_LUT4 = 6
"""Signs and blanks of a lane."""


def lut4(op: QuantizedDft, bins: int, words: int, *, overlapping: bool) -> int:
    """Return the LUT4 of intake, phases and lanes.

    Parameters
    ----------
    bins
        At a time.
    words
        Cycles of a sweep.
    overlapping
        Whether windows overlap.
    """
    phase = op.window.bit_length() - 1
    # A lane's distance from lane 0 is an adder and a register of its own where it is odd.
    phases = adder(phase) * (bins + (bins - 1) // 2 + 2) + 2 * phase
    intake = _INTAKE_LUT4 + 3 * phase + 3 * words.bit_length()
    if overlapping:
        intake += adder(op.sample.width + 1) + op.sample.width
    return intake + phases + bins * _lane(op)


def _lane(op: QuantizedDft) -> int:
    """Return sums of both parts, their absolute values, and the magnitude."""
    width = sum_width(op)
    part = width - op.drop
    bits = min(clipped_width(op), part)
    # What is cut off above is looked at, four bits a look-up table.
    absolute = 2 * (bits - 1) + adder(bits) + (part - bits) // 3 + 1
    return (
        2 * adder(width)
        + 2 * absolute
        + approximation(op.magnitude, 1 << (bits - 1), op.shift, op.out.width)
        + _LANE_LUT4
    )


def ebr(op: QuantizedDft, bins: int, words: int, *, overlapping: bool) -> int:
    """Return the block RAMs of sums, tables, and of the samples of a window that may leave it."""
    table = two_port_rom_shape(op.twiddle_width, len(op.cosine)).blocks
    history = blocks(op.sample.width, op.window) if overlapping else 0
    return blocks(2 * sum_width(op) * bins, words) + bins * table + history
