"""Gains of a window's bins by one transform in place, used both ways, as cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain
from hwgen.targets import Cells, Target

_ADDRESS_LUT4 = 28
"""For each bit of an address: counters, whose bits read and write addresses choose among."""

_PRODUCT_DSP = 4
"""Multipliers of a complex product in two cycles, whose values take two each."""

_IN_FLIGHT = 4
"""One waits, one is worked on, and two are with the layers behind."""

_PRODUCT_CYCLES = 4 * depths.COMPLEX_INTERVAL
"""Of the four products of a pair of bins."""


@dataclass(frozen=True, eq=False)
class SpectralGainPlan(SourcePlan):
    """A window in memory, worked on in another one: pass by pass, each over all of its values.

    The next window comes in meanwhile.
    """

    accumulates: ClassVar[bool] = False

    op: QuantizedSpectralGain

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan; `CannotMeetError` for windows that overlap."""
        if hop not in (None, op.window):
            raise CannotMeetError(
                f"hop must be {op.window}, the window, where its bins have gains, not {hop}; "
                f"windows that overlap need a filter of taps: train with --front filter"
            )
        return cls(op, layout, value_width, op.window)

    @property
    def transform(self) -> str:
        """``"fft"``."""
        return "fft"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return the DSP cells of the one complex multiplier."""
        del op, bins
        return _PRODUCT_DSP

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word, when there is room."""
        one = self.op.points + depths.GAIN_DRAIN
        transform = len(self.op.halved) * one
        gains = gain_cycles(self.op.points) + depths.GAIN_DRAIN
        work = one + 2 * transform + gains
        return Timing.of(
            (
                ("transform", depths.GAIN_START + one + transform),
                ("gains", gains),
                ("transform back", transform),
                ("filtered samples", self.op.window + depths.GAIN_VALUE + depths.PACKER),
            ),
            # A cycle each to begin, and to see that there is room.
            work + self.op.window + 2,
            in_flight=_IN_FLIGHT,
            # What waits is a window's first sample.
            lead=self.op.window,
            closed=1,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of both memories, the passes, the pair's sums and its product."""
        op, count = self.op, Counting(target)
        ebr = count.memory(2 * op.sample.width, op.points)
        ebr += count.memory(2 * op.width, op.points)
        ebr += count.memory(2 * op.twiddles.width, op.points // 2, rom=True)
        ebr += count.memory(2 * op.own.width, 2 * op.points, rom=True)
        low, high = depths.LOW_OPERAND + 1, op.width - depths.LOW_OPERAND
        dsp = 2 * (count.dsp(low, op.own.width) + count.dsp(high, op.own.width))
        address = op.points.bit_length() - 1
        lut4 = _ADDRESS_LUT4 * address + 3 * count.adder(address + 3)
        lut4 += _values(count, op)
        lut4 += self.write_width + 2 * self.layout.last_word.bit_length()
        return cells(lut4, dsp, ebr)

    def spaced(self, cycles: int) -> Self:
        """Return the plan as it is: samples are taken every cycle."""
        del cycles
        return self


def gain_cycles(points: int) -> int:
    """Return the cycles of the pass of gains: bins 0 to M/2, each with its mirror."""
    return _PRODUCT_CYCLES * (points // 2 + 1)


def _values(count: Counting, op: QuantizedSpectralGain) -> int:
    """Return sums and differences, the product, the sum of two, and what is written."""
    pair = 4 * count.adder(op.width + 2) + 7 * op.width * any(op.halved)
    operands = 2 * op.width + 4 * op.own.width
    wide = 2 * count.adder(op.width + op.own.width - depths.LOW_OPERAND)
    product = 2 * (count.adder(op.width + op.own.width) + count.adder(op.width + 2)) + op.width
    gained = 2 * count.adder(op.width)
    written = 6 * op.width
    rounded = count.adder(op.width - op.shift + 1) + op.width + 2 * op.out.width
    return pair + operands + wide + product + gained + written + rounded


SOURCE = SpectralGainPlan
