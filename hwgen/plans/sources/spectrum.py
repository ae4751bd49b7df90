"""The magnitude spectrum by a streaming FFT, as cycles and cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized.fft import Stage
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

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


SOURCE = SpectrumPlan
