"""Samples as they come, as cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.quantized.ops.direct import QuantizedDirect
from hwgen.targets import Cells, Target

_CONTROL_LUT4 = 40
"""Counters of samples and words."""


@dataclass(frozen=True, eq=False)
class DirectPlan(SourcePlan):
    """Rounding and packing of samples; those of several channels take turns.

    Parameters
    ----------
    pause
        Cycles from a sample to the next possible one.
    """

    streams: ClassVar[bool] = True
    accumulates: ClassVar[bool] = False

    op: QuantizedDirect
    pause: int = 1

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan; `CannotMeetError` for windows that overlap."""
        elements = op.channels * op.samples
        if hop not in (None, op.samples):
            raise CannotMeetError(
                f"hop must be {op.samples}, the window, where layers read samples, not {hop}"
            )
        return cls(op, layout, value_width, elements)

    @property
    def transform(self) -> str:
        """``"none"``."""
        return "none"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return 0: nothing is multiplied."""
        del op, bins
        return 0

    @property
    def elements(self) -> int:
        """Samples a window of all channels."""
        return self.op.channels * self.op.samples

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word."""
        return Timing.of(
            (("last sample", depths.DIRECT),),
            self.elements * self.pause,
            pause=self.pause,
            # One window comes in while another is worked on: there is room for two.
            in_flight=2,
            lead=self.elements * self.pause,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of rounding, saturation, the word in the making and its address."""
        count = Counting(target)
        width = self.adc_bits
        word = self.layout.lanes * self.value_width
        lut4 = 3 * count.adder(width + 1) + word + 2 * self.layout.last_word.bit_length()
        return cells(lut4 + 2 * self.elements.bit_length() + _CONTROL_LUT4, 0, 0)

    def spaced(self, cycles: int) -> Self:
        """Return the plan with samples as far apart as windows `cycles` apart ask for."""
        return replace(self, pause=-(-cycles // self.elements))


SOURCE = DirectPlan
