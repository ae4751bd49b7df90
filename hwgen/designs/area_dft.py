"""LUT4 of the front-end by accumulation (`hwgen.designs.area_front` says how it is counted)."""

from __future__ import annotations

from hwgen.designs.area_front import adder
from hwgen.hardware.sources.dft.lane import clipped_width, sum_width
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops.dft import QuantizedDft
from hwgen.targets import Target

_INTAKE_LUT4 = 30
"""The account of samples and of the sweep's words."""

_LANE_LUT4 = 4
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
    intake = _INTAKE_LUT4 + 2 * phase + 2 * words.bit_length()
    if overlapping:
        intake += adder(op.sample.width + 1) + op.sample.width + adder(phase)
    return intake + phases + bins * _lane(op)


def _lane(op: QuantizedDft) -> int:
    """Return sums of both parts, and the magnitude."""
    return 2 * adder(sum_width(op)) + _magnitude(op) + _LANE_LUT4


def _magnitude(op: QuantizedDft) -> int:
    """Return clipping, absolute values, their order, what adds to the larger, and rounding."""
    part, bits = sum_width(op) - op.drop, clipped_width(op)
    # What is cut off above is looked at, three bits more a look-up table.
    clipped = 2 * (bits - 1) + 2 * -(-(part - bits) // 3)
    order = 3 * adder(bits) + 2 * bits
    pairs = MAGNITUDES[op.magnitude]
    gain = max(bits + beta.bit_length() - 1 for _, beta in pairs)
    drop = op.shift + EIGHTHS
    more = adder(gain) if any(alpha < 1 << EIGHTHS or beta == 3 for alpha, beta in pairs) else 0
    mask = gain if len(pairs) > 1 else 0
    whole = adder(bits) if drop > EIGHTHS else 0
    return clipped + order + more + mask + whole + adder(bits + EIGHTHS) + op.out.width + 1


def ebr(op: QuantizedDft, bins: int, words: int, target: Target, *, overlapping: bool) -> int:
    """Return the block RAMs of sums, tables, and of the samples of a window that may leave it."""
    total = target.memory(2 * sum_width(op) * bins, words)["ebr"]
    if overlapping:
        total += target.memory(op.sample.width, op.window)["ebr"]
    return total + bins * target.two_port_rom(op.twiddle_width, len(op.cosine))["ebr"]
