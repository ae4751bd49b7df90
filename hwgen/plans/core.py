"""The whole network as hardware: from samples to class and logits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from hwgen.plans.facts import ResultFacts
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.plans.weights.flash import FlashPlan
from hwgen.targets import Cells, Target


class Layers(ResultFacts, Protocol):
    """What is planned behind a source; its time is from features to class."""

    kind: ClassVar[str]
    """Room of the hardware that does them: ``"shared"``, ``"unrolled"``."""

    @property
    def result(self) -> int:
        """Cycles that are neither the source's nor a layer's."""
        ...

    @property
    def leaving(self) -> int:
        """Cycles from a result's presentation to where another window has its place."""
        ...

    @property
    def source(self) -> Layout:
        """Of the features that the layers take."""
        ...

    @property
    def value_width(self) -> int:
        """Bits of a feature as the layers take it."""
        ...

    def cells(self, target: Target) -> Cells:
        """Return the cells of all behind the source, the account of windows included."""
        ...

    def apart(self, front: SourcePlan) -> int:
        """Return how many cycles windows must be apart for the layers to keep up with them."""
        ...


@dataclass(frozen=True, eq=False)
class CorePlan:
    """A source and the layers behind it.

    Parameters
    ----------
    front
        From samples to features.
    layers
        From features to class.
    """

    front: SourcePlan
    layers: Layers

    @property
    def input_samples(self) -> int:
        """Samples a window."""
        return self.front.elements

    @property
    def adc_bits(self) -> int:
        """Bits of a sample, signed."""
        return self.front.adc_bits

    @property
    def hop(self) -> int:
        """Samples from one window to the next."""
        return self.front.hop

    @property
    def classes(self) -> int:
        """Logits a window."""
        return self.layers.classes

    @property
    def logit_bits(self) -> int:
        """Bits of a logit, signed."""
        return self.layers.logit_bits

    @property
    def numbers(self) -> int:
        """Numbers a window beside the logits."""
        return self.layers.numbers

    @property
    def number_bits(self) -> int:
        """Bits of such a number, signed."""
        return self.layers.number_bits

    @property
    def threshold(self) -> int | None:
        """Where the threshold of the score begins; None: there is no score."""
        return self.layers.threshold

    @property
    def utilisation(self) -> float | None:
        """Products of the network for each multiplier and cycle; None without a shared array."""
        return getattr(self.layers, "utilisation", None)

    @property
    def flash(self) -> FlashPlan | None:
        """What of the weights is streamed; None where all are on chip."""
        return getattr(self.layers, "flash", None)

    @cached_property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to the edge that presents its class.

        Windows follow at `interval` when samples and results are never held up from outside.
        """
        front, layers = self.front.timing, self.layers.timing
        steps = (*front.breakdown, *layers.breakdown, ("result", self.layers.result))
        latency = sum(cycles for _, cycles in steps)
        in_flight = min(front.in_flight, layers.in_flight)
        # As many windows as there is room for share the way from a sample that waits to the place
        # that its result leaves.
        waiting = -(-(latency + front.lead + self.layers.leaving) // in_flight)
        return Timing.of(
            steps,
            max(front.interval, layers.interval, waiting),
            pause=front.pause,
            in_flight=in_flight,
            lead=front.lead,
            closed=front.closed,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells: ``lut4``, two per carry cell, estimated; ``dsp`` and ``ebr``, exact."""
        return self.front.cells(target) + self.layers.cells(target)
