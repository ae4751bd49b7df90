"""The magnitude spectrum by a streaming FFT, as cycles and cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized.fft import Stage, Twiddles
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops.spectrum import QuantizedSpectrum
from hwgen.targets import Cells, Target, in_registers

_SHORT_WINDOW = 512
"""Below this many samples a window is shorter than the pipelines behind it."""

_PRODUCT_DSP = 2
"""Multipliers of a complex product, which takes two cycles."""


@dataclass(frozen=True, eq=False)
class SpectrumPlan(SourcePlan):
    """Intake, FFT, untangling, magnitude and packing of one window after the other.

    Raises
    ------
    ValueError
        If windows overlap.
    """

    accumulates: ClassVar[bool] = False

    op: QuantizedSpectrum

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hop != self.op.window:
            raise ValueError(f"hop must be {self.op.window}, the window, not {self.hop}")

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan; `CannotMeetError` for windows that overlap."""
        if hop not in (None, op.window):
            raise CannotMeetError(
                f"hop must be {op.window}, the window, with an FFT, not {hop}; windows that "
                f"overlap need the transform by accumulation: --transform dft"
            )
        return cls(op, layout, value_width, op.window)

    @property
    def transform(self) -> str:
        """``"fft"``."""
        return "fft"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return the DSP cells of the twiddle multipliers and of the untangling's."""
        del bins
        return _PRODUCT_DSP * (sum(stage.twiddles is not None for stage in op.stages) + 1)

    @property
    def transform_latency(self) -> int:
        """Cycles from the edge that takes the last sample until the transform can be read."""
        last_result = 2 * (self.op.points - 1)
        return depths.INTAKE + fft_latency(self.op.stages) + last_result + 2

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word, when there is room."""
        pairs = self.op.points // 2
        tail = depths.MAGNITUDE + depths.PACKER
        return Timing.of(
            (
                ("FFT", self.transform_latency),
                ("magnitude", depths.UNTANGLE + 2 * pairs + tail),
            ),
            max(self.op.window, untangle_interval(self.op)),
            # Three ago must be done with when the transform of a window comes out, which for a
            # window shorter than the pipelines is only sure when two ago is done with before it
            # begins.
            in_flight=4 if self.op.window >= _SHORT_WINDOW else 2,
            # What waits is a window's first sample.
            lead=self.op.window,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of intake, FFT, untangling, magnitude and packing."""
        op, count = self.op, Counting(target)
        address = op.points.bit_length() - 1
        lut4 = 28 + count.adder(address + 1)  # intake
        lut4 += 30 + 3 * address  # where the transforms are
        dsp = 0
        ebr = count.memory(2 * op.stages[-1].width, 2 * op.points)
        for stage, width, grown in chain(op.stages, op.sample.width):
            lut4 += _butterfly(count, stage, width, grown, op.points)
            if stage.span > 1:
                ebr += count.memory(2 * max(width, grown), stage.span)
            table = stage.twiddles
            if table is not None:
                lut4 += _product(count, grown, table, stage.width)
                lut4 += 2 * (len(table.re).bit_length() - 1)
                dsp += _PRODUCT_DSP * count.dsp(grown, table.width)
                ebr += count.memory(2 * table.width, len(table.re), rom=True)
        lut4 += _untangle(count, op) + _magnitude(count, op)
        dsp += _PRODUCT_DSP * count.dsp(op.stages[-1].width, op.untangle.width)
        ebr += count.memory(2 * op.untangle.width, len(op.untangle.re), rom=True)
        # Two words in the making, and where they meet.
        lut4 += 5 * self.write_width + 4 * self.layout.last_word.bit_length()
        return cells(lut4, dsp, ebr)

    def spaced(self, cycles: int) -> Self:
        """Return the plan as it is: samples are taken every cycle."""
        del cycles
        return self


def fft_latency(stages: tuple[Stage, ...]) -> int:
    """Return the cycles from a window's last value to its first result."""
    twiddles = sum(stage.twiddles is not None for stage in stages)
    return depths.BUTTERFLY * len(stages) + depths.TWIDDLES * twiddles


def untangle_interval(op: QuantizedSpectrum) -> int:
    """Return the cycles a window from the start of its untangling to the next possible one."""
    return 2 * (op.points // 2 + 1) + 1


def chain(stages: tuple[Stage, ...], sample_width: int) -> Iterator[tuple[Stage, int, int]]:
    """Yield each stage with the bits of a part before and behind its butterfly."""
    width = sample_width
    for stage in stages:
        # The sum of two values of `width` bits needs one more, less what is shifted away; a
        # rotation by the twiddles may then need the bit that `stage.width` has on top.
        yield stage, width, min(stage.width, width + 1) if stage.twiddles else stage.width
        width = stage.width


def _butterfly(count: Counting, stage: Stage, width: int, grown: int, points: int) -> int:
    """Return sums, differences, their way into delay memory and output, counters, memory."""
    carry = int(stage.shift == 1)
    sums, differences = max(width + 2 * carry, grown), max(width + carry, grown)
    arithmetic = 2 * (count.adder(sums) + count.adder(differences))
    if stage.rotate:
        arithmetic += count.adder(width) + 2 * width
    span = stage.span.bit_length() - 1
    control = 12 + 3 * span + count.adder(points.bit_length() - 1) + count.adder(span)
    store = max(width, grown)
    choices = 2 * grown + 2 * store
    if in_registers(stage.span) and stage.span > 1:
        return arithmetic + control + choices + _registers(2 * store, stage.span)
    return arithmetic + control + choices


def _registers(width: int, depth: int) -> int:
    """Return the multiplexers of a shallow memory."""
    return width * (1 if depth == 2 else 4)


def _product(count: Counting, width: int, table: Twiddles, out: int) -> int:
    """Return the sums of products with a table's entries, and the operands' multiplexers."""
    sums = 2 * (count.adder(table.frac_bits + out) + count.adder(out + 1))
    return sums + width + 2 * table.width + 2


def _untangle(count: Counting, op: QuantizedSpectrum) -> int:
    """Return even and odd parts, their product, the two bins, the address counter."""
    z = op.stages[-1].width
    parts = 2 * count.adder(z + 2) + 2 * count.adder(z + 1)
    product = _product(count, z, op.untangle, z + 1)
    bins = 4 * count.adder(op.bin_width) + 2 * op.bin_width
    return parts + product + bins + 2 * count.adder(op.points.bit_length() - 1) + 31


def _magnitude(count: Counting, op: QuantizedSpectrum) -> int:
    """Return absolute values, their order, the candidates, the largest, and its rounding."""
    width, pairs = op.bin_width, MAGNITUDES[op.magnitude]
    long = ((1 << width - 1) * max(sum(pair) for pair in pairs)).bit_length()
    total = 2 * (count.adder(width) + width) + 10 + count.adder(width) + 2 * width
    for alpha, beta in pairs:
        terms = sum(_terms(factor) for factor in (alpha, beta))
        # Three numbers and more are first made two, by two LUT4 a bit and number.
        total += count.adder(long) * (terms > 1) + 2 * long * max(0, terms - 2)
    total += (count.adder(long) + long) * (len(pairs) - 1)
    kept = max(1, long - max(0, op.shift + EIGHTHS))
    return total + count.adder(kept + 1) + kept + op.out.width


def _terms(factor: int) -> int:
    """Return how many shifted numbers make up a multiple."""
    return 2 if factor == 7 else factor.bit_count()


SOURCE = SpectrumPlan
