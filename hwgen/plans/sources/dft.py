"""The magnitude spectrum by accumulation, as cycles and cells."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.checks import positive
from hwgen.errors import CannotMeetError
from hwgen.fixedpoint import Format, signed_width
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops.dft import QuantizedDft
from hwgen.targets import Cells, Target, Turns

_LANE_DSP = 2
"""Multipliers of a lane: one for either part of a bin."""

_INTAKE_LUT4 = 30
"""The account of samples and of the sweep's words."""

_LANE_LUT4 = 4
"""Signs and blanks of a lane."""

_IN_FLIGHT = 4
"""Nothing is held of a window but its features: as many as those behind can tell apart."""


@dataclass(frozen=True, eq=False)
class DftPlan(SourcePlan):
    """Sums of all bins in memory; a sweep a sample adds to them, a word of bins a cycle.

    Parameters
    ----------
    layout
        Of the features in memory; its lanes are the bins that a sweep handles in a cycle.
    pause
        Cycles that samples are to be apart at least; `timing` says how far they are.
    """

    accumulates: ClassVar[bool] = True

    op: QuantizedDft
    pause: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("pause", self.pause)

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan; `CannotMeetError` for a hop beyond the window, or none."""
        if hop is None:
            hop = op.window
        if not 1 <= hop <= op.window:
            raise CannotMeetError(f"hop must be 1 to {op.window}, the window, not {hop}")
        return cls(op, layout, value_width, hop)

    @property
    def transform(self) -> str:
        """``"dft"``."""
        return "dft"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return the DSP cells of `bins` lanes."""
        del op
        return _LANE_DSP * bins

    @property
    def bins(self) -> int:
        """Bins at a time."""
        return self.layout.lanes

    @property
    def overlapping(self) -> bool:
        """Whether windows overlap."""
        return self.hop < self.op.window

    @property
    def operand_width(self) -> int:
        """Bits of what is swept, signed: a sample, or the difference of two."""
        return self.op.sample.width + self.overlapping

    @property
    def first_latency(self) -> int:
        """Cycles from the edge that takes a window's last sample to its first features."""
        return 1 + depths.DFT_FEATURES

    @property
    def turns(self) -> Turns | None:
        """How reads and writes of the sums keep apart.

        A sum is written so many cycles behind its read that the bit of that place differs, which
        counts on where a sweep follows the one before.
        """
        behind = depths.DFT_SUMS
        return None if self.words % (2 * behind) else Turns(behind.bit_length() - 1)

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word of features."""
        pause = max(self.pause, self.words, depths.DFT_SHORTEST)
        return Timing.of(
            (("last sample's sweep", self.first_latency + self.words - 1),),
            self.hop * pause,
            pause=pause,
            in_flight=_IN_FLIGHT,
            # What waits is a window's last sample.
            lead=0,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of intake, phases, lanes, sums and tables."""
        op, bins, count = self.op, self.bins, Counting(target)
        sums = sum_width(op)
        phase = op.window.bit_length() - 1
        # A lane's distance from lane 0 is an adder and a register of its own where it is odd.
        lut4 = count.adder(phase) * (bins + (bins - 1) // 2 + 2) + 2 * phase
        lut4 += _INTAKE_LUT4 + 2 * phase + 2 * self.words.bit_length()
        lut4 += bins * (2 * count.adder(sums) + _magnitude(count, op) + _LANE_LUT4)
        kept = count.turning(2 * sums * bins, self.words, self.turns)
        ebr = bins * count.two_port_rom(op.twiddle_width, len(op.cosine))
        if self.overlapping:  # the difference to a sample that memory gives back
            lut4 += count.adder(op.sample.width + 1) + op.sample.width + count.adder(phase)
            ebr += count.memory(op.sample.width, op.window)
        dsp = self.dsp * count.dsp(self.operand_width, op.twiddle_width)
        return cells(lut4, dsp, ebr) + kept

    def spaced(self, cycles: int) -> Self:
        """Return the plan with samples so far apart that windows are `cycles` apart."""
        return dataclasses.replace(self, pause=-(-cycles // self.hop))


def half(op: QuantizedDft) -> int:
    """Return what every sum begins with, so that cutting its lowest bits rounds halves up."""
    return (1 << op.drop) >> 1


def sum_width(op: QuantizedDft) -> int:
    """Return the bits of a sum that began with `half`."""
    low, high = op.sum_range
    return signed_width(low, high + half(op))


def deciding_width(shift: int, out: Format) -> int:
    """Return the bits of a part that decide about its feature.

    A part that saturates the feature by itself may be clipped to any value that still does.
    """
    enough = out.max << shift if shift >= 0 else -(-out.max >> -shift)
    return signed_width(-enough, enough)


def clipped_width(op: QuantizedDft) -> int:
    """Return the bits of a part that the magnitude looks at."""
    return min(sum_width(op) - op.drop, deciding_width(op.shift, op.out))


def _magnitude(count: Counting, op: QuantizedDft) -> int:
    """Return clipping, absolute values, their order, what adds to the larger, and rounding."""
    part, bits = sum_width(op) - op.drop, clipped_width(op)
    # What is cut off above is looked at, three bits more a look-up table.
    clipped = 2 * (bits - 1) + 2 * -(-(part - bits) // 3)
    order = 3 * count.adder(bits) + 2 * bits
    pairs = MAGNITUDES[op.magnitude]
    gain = max(bits + beta.bit_length() - 1 for _, beta in pairs)
    less = any(alpha < 1 << EIGHTHS or beta == 3 for alpha, beta in pairs)
    more = count.adder(gain) if less else 0
    mask = gain if len(pairs) > 1 else 0
    whole = count.adder(bits) if op.dropped > EIGHTHS else 0
    rounded = count.adder(bits + EIGHTHS) + op.out.width + 1
    return clipped + order + more + mask + whole + rounded


SOURCE = DftPlan
