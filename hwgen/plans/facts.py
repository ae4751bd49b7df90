"""What those around an accelerator must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hwgen.plans.timing import Timing


class ResultFacts(Protocol):
    """What results look like and when they come."""

    @property
    def classes(self) -> int:
        """Logits a window."""
        ...

    @property
    def logit_bits(self) -> int:
        """Bits of a logit, signed."""
        ...

    @property
    def timing(self) -> Timing:
        """From what is taken last of a window to its class."""
        ...


class CoreFacts(ResultFacts, Protocol):
    """Numbers of an accelerator: its plan has them (`hwgen.plans.core.CorePlan`)."""

    @property
    def input_samples(self) -> int:
        """Samples a window."""
        ...

    @property
    def adc_bits(self) -> int:
        """Bits of a sample, signed."""
        ...

    @property
    def hop(self) -> int:
        """Samples from one window to the next; the window itself if they do not overlap."""
        ...


@dataclass(frozen=True)
class KnownCore:
    """An accelerator of which the numbers are known, but not the plan."""

    input_samples: int
    adc_bits: int
    hop: int
    classes: int
    logit_bits: int
    timing: Timing
