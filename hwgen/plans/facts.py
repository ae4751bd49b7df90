"""What those around an accelerator must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

from hwgen.plans.timing import Timing
from hwgen.plans.weights.flash import FlashPlan
from hwgen.quantized import QuantizedModel


class AnswerFacts(Protocol):
    """What is said of a window."""

    @property
    def classes(self) -> int:
        """Logits a window; 0 where no output is a class."""
        ...

    @property
    def logit_bits(self) -> int:
        """Bits of a logit, signed."""
        ...

    @property
    def numbers(self) -> int:
        """Numbers a window beside the logits: of the outputs that are values for the user."""
        ...

    @property
    def number_bits(self) -> int:
        """Bits of such a number, signed."""
        ...

    @property
    def threshold(self) -> int | None:
        """Where a register begins: the largest score that is no anomaly; None: there is none."""
        ...


@dataclass(frozen=True)
class Answer:
    """What is said of a window, where that is all that is known."""

    classes: int
    logit_bits: int
    numbers: int
    number_bits: int
    threshold: int | None = None

    @classmethod
    def of(cls, model: QuantizedModel) -> Self:
        """Return what a network's hardware says."""
        return cls(
            len(model.classes),
            model.logit_width,
            model.numbers,
            model.number_bits,
            model.threshold,
        )


class ResultFacts(AnswerFacts, Protocol):
    """What results look like and when they come."""

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

    @property
    def flash(self) -> FlashPlan | None:
        """What of the weights is streamed; None where all are on chip."""
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
    numbers: int = 0
    number_bits: int = 0
    threshold: int | None = None
    flash: FlashPlan | None = None
