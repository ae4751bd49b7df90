"""Samples that are normalised window by window, as cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized import reciprocal
from hwgen.quantized.ops.normalise import NUMBER, QuantizedNormalise
from hwgen.targets import Cells, Target

_CONTROL_LUT4 = 60
"""Counters of samples and channels, and what follows what."""

_IN_FLIGHT = 4
"""One waits, one leaves, and two are with the layers behind."""


@dataclass(frozen=True, eq=False)
class NormalisePlan(SourcePlan):
    """A window in memory, its statistics, and its values, one a cycle, when it is complete.

    The next window comes in while these leave.
    """

    accumulates: ClassVar[bool] = False

    op: QuantizedNormalise

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan; `CannotMeetError` for windows that overlap."""
        if hop not in (None, op.samples):
            raise CannotMeetError(
                f"hop must be {op.samples}, the window, where windows are normalised, not {hop}"
            )
        return cls(op, layout, value_width, op.channels * op.samples)

    @property
    def transform(self) -> str:
        """``"none"``."""
        return "none"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return the DSP cells of squares, of samples times their number, and of reciprocals."""
        del bins
        return int(op.root) + int(multiplied(op)) + int(op.divided)

    @property
    def elements(self) -> int:
        """Samples a window of all channels."""
        return self.op.channels * self.op.samples

    @property
    def measuring(self) -> int:
        """Cycles from the edge that takes a window's last sample to its first sample's leaving."""
        return depths.NORMALISE_SETTLE + self.op.channels * spread_cycles(self.op) + 1

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word, when there is room."""
        tail = depths.MEMORY + numbers_latency(self.op) + depths.PACKER
        return Timing.of(
            (
                ("window's statistics", self.measuring),
                ("normalised samples", self.elements - 1 + tail),
            ),
            self.elements + self.measuring,
            in_flight=_IN_FLIGHT,
            # What waits is a window's first sample.
            lead=self.elements,
            closed=self.measuring,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of the window's memory, its statistics, reciprocals and numbers."""
        op, count = self.op, Counting(target)
        ebr = count.memory(op.sample.width, self.elements)
        dsp = count.dsp(op.sample.width, op.factor.bit_length() + 1) * multiplied(op)
        lut4 = _CONTROL_LUT4 + 4 * self.elements.bit_length()
        lut4 += _statistics(count, op) + _numbers(count, op)
        lut4 += self.write_width + 2 * self.layout.last_word.bit_length()
        if op.channels > 1:
            lut4 += _kept(op)
        if op.divided:
            lut4 += _spread(count, op)
            ebr += count.memory(reciprocal.FRACTION, 1 << reciprocal.ADDRESS, rom=True)
            dsp += count.dsp(NUMBER, reciprocal.FRACTION + 1)
        if op.root:
            dsp += count.dsp(op.sample.width, op.sample.width)
        return cells(lut4, dsp, ebr)

    def spaced(self, cycles: int) -> Self:
        """Return the plan as it is: samples are taken every cycle."""
        del cycles
        return self


def multiplied(op: QuantizedNormalise) -> bool:
    """Return whether samples are multiplied by a number that is no power of two."""
    return bool(op.factor & (op.factor - 1))


def sum_width(op: QuantizedNormalise) -> int:
    """Return the bits of a channel's sum, signed."""
    return op.sample.width + (op.samples - 1).bit_length()


def centre_width(op: QuantizedNormalise) -> int:
    """Return the bits of what is added to a sample's multiple, signed."""
    return 1 + (sum_width(op) if op.centred else op.sample.width + 1)


def shifted_width(op: QuantizedNormalise) -> int:
    """Return the bits of a number that was shifted left, signed.

    It is less than twice what its divisor was shifted to, times the root of the number of samples
    where that divisor is a standard deviation.
    """
    if not op.root:
        return op.spread_width + 1
    return op.spread_width // 2 - op.mean_shift + (op.samples.bit_length() + 1) // 2 + 2


def spread_cycles(op: QuantizedNormalise) -> int:
    """Return the cycles that a channel's reciprocal takes."""
    if not op.divided:
        return 1
    squared = op.samples.bit_length() + sum_width(op) if op.root else 0
    shifted = reciprocal.shifts(op.spread_width, root=op.root)
    return 1 + squared + shifted + depths.NORMALISE_LOOK


def numbers_latency(op: QuantizedNormalise) -> int:
    """Return the cycles from a sample to its value."""
    multiplied_for = depths.MULTIPLIER * multiplied(op)
    divided_for = (3 + depths.MULTIPLIER) * op.divided
    return multiplied_for + 1 + divided_for + 2


def _kept(op: QuantizedNormalise) -> int:
    """Return the bits that are kept of a channel: a multiplexer each where these are several."""
    measured = sum_width(op) if op.centred else (1 + (op.method != "max-abs")) * op.sample.width
    squares = 2 * op.sample.width + (op.samples - 1).bit_length() if op.root else 0
    met = reciprocal.FRACTION + op.spread_width.bit_length() if op.divided else 0
    return measured + squares + met + (0 if op.method == "max-abs" else centre_width(op))


def _statistics(count: Counting, op: QuantizedNormalise) -> int:
    width = op.sample.width
    if op.centred:
        total = count.adder(sum_width(op)) + sum_width(op)
        if op.root:
            long = 2 * width + (op.samples - 1).bit_length()
            total += count.adder(long) + long
        return total
    return (1 + (op.method != "max-abs")) * (count.adder(width) + 2 * width)


def _spread(count: Counting, op: QuantizedNormalise) -> int:
    width = op.spread_width
    shifted = width + 10
    if op.root:
        shifted += 2 * count.adder(width) + 2 * width + 2 * count.adder(sum_width(op))
    return shifted + reciprocal.FRACTION


def _numbers(count: Counting, op: QuantizedNormalise) -> int:
    total = count.adder(op.out.width + 2) + op.out.width
    if op.method != "max-abs":
        total += count.adder(centre_width(op)) + count.adder(op.plain_width)
    if op.divided:
        bits = reciprocal.shifts(op.spread_width, root=op.root).bit_length()
        total += bits * shifted_width(op)
    if op.root:
        total += count.adder(shifted_width(op)) + NUMBER
    return total


SOURCE = NormalisePlan
