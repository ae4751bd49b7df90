"""The layers behind a source on one MAC array, on which they take turns: cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.checks import positive
from hwgen.fixedpoint import signed_width
from hwgen.plans import depths, rules
from hwgen.plans.layout import Layout
from hwgen.plans.memory import Memory
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.step import Array, Step
from hwgen.plans.timing import Timing

IN_FLIGHT = 4
"""Windows that may be on their way, as many as the accelerator's tags tell apart."""


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """Steps of one window after the other.

    Parameters
    ----------
    steps
        In order; the last gives the logits.
    memory
        Where values lie.
    value_width
        Bits of a value in memory, signed.
    logit_bits
        Bits of a logit, signed.
    dsp
        DSP cells of the array; its further multipliers are logic.
    """

    result: ClassVar[int] = 2
    """Cycles to start the layers, and from the class to its presentation."""

    leaving: ClassVar[int] = 2
    """Cycles from a result's presentation to where another window has its place."""

    steps: tuple[Step, ...]
    memory: Memory
    value_width: int
    logit_bits: int
    dsp: int

    def __post_init__(self) -> None:
        positive("rows", self.array.rows)
        positive("lanes", self.array.lanes)
        positive("dsp", self.dsp, 0)
        rules.check(self)

    @property
    def array(self) -> Array:
        """Shape of the MAC array."""
        return self.steps[0].array

    @property
    def multipliers_dsp(self) -> int:
        """Multipliers that are DSP cells: no more than there are."""
        return min(self.dsp, self.array.size)

    @property
    def source(self) -> Layout:
        """Of the features in memory."""
        return self.memory.layout

    @property
    def classes(self) -> int:
        """Logits a window."""
        return self.steps[-1].outputs

    @property
    def sum_width(self) -> int:
        """Bits of a sum that holds any partial sum of any step, signed."""
        ranges = [step.accumulator for step in self.steps]
        return signed_width(min(low for low, _ in ranges), max(high for _, high in ranges))

    @property
    def weight_width(self) -> int:
        """Bits of a weight in memory."""
        return max(step.weight_bits for step in self.steps)

    @property
    def pipeline(self) -> int:
        """Cycles from the step that issues a sum's last word to the sum."""
        return depths.ISSUE + depths.MEMORY + depths.mac_array(self.array.lanes)

    def behind(self, step: Step) -> int:
        """Return the cycles from a step's last word to its last value in memory, or to the class.

        Less than 0 where the last word is followed by more cycles than the pipeline is long.
        """
        # The last group may use few of the rows, the last word may be followed by waiting.
        rest = step.outputs - (step.groups - 1) * step.array.rows
        waiting = step.steps - step.words
        if step.exact:
            return self.pipeline + depths.COLLECTED_LOGIT + rest - 1 - waiting + depths.ARGMAX
        tail = -(-rest // step.array.drain) - 1 - waiting
        return self.pipeline + depths.COLLECTED_VALUE + tail + depths.PACKER

    @property
    def timing(self) -> Timing:
        """From the start of a window whose features are in memory to its class.

        Each step from its beginning to its last value or to the class. Windows follow at
        `interval` when results are taken at once.
        """
        last = self.steps[-1]
        # The sequencer waits a cycle at least before the next step.
        cycles = [
            (each.name, 1 + each.cycles + max(1, self.behind(each))) for each in self.steps[:-1]
        ]
        cycles.append((last.name, 1 + last.cycles + self.behind(last)))
        latency = sum(number for _, number in cycles)
        interval = latency - self.behind(last) + 1
        if len(self.steps) == 1:
            # It is also the last, which waits until the result before is out of its way.
            interval = max(interval, latency + 2)
        return Timing.of(cycles, interval, in_flight=IN_FLIGHT)

    @property
    def utilisation(self) -> float:
        """Products of the network for each multiplier and cycle of a window."""
        useful = sum(step.useful for step in self.steps)
        return useful / (self.array.size * self.timing.interval)

    def apart(self, front: SourcePlan) -> int:
        """Return how many cycles windows must be apart for the layers to keep up with them."""
        timing = self.timing
        return max(timing.interval, -(-(timing.latency + front.op.window) // IN_FLIGHT))


def align_width(steps: tuple[Step, ...]) -> int:
    """Return the bits of a logit's alignment in memory; 0 where none is aligned."""
    return max(int(align) for step in steps for align in step.post.align).bit_length()
