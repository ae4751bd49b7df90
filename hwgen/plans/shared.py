"""The layers behind a source on one MAC array, on which they take turns: cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.checks import positive
from hwgen.fixedpoint import signed_width
from hwgen.plans import depths
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.sweep import Array, Sweep
from hwgen.plans.timing import Timing
from hwgen.targets import Cells, Target

IN_FLIGHT = 4
"""Windows that may be on their way, as many as the accelerator's tags tell apart."""

_ACCOUNT_LUT4 = 280
"""Windows in flight and their time, and the feature memory's addresses."""


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """Sweeps of one window after the other.

    Parameters
    ----------
    sweeps
        In order; the last gives the logits.
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

    sweeps: tuple[Sweep, ...]
    value_width: int
    logit_bits: int
    dsp: int

    def __post_init__(self) -> None:
        positive("rows", self.array.rows)
        positive("lanes", self.array.lanes)
        positive("dsp", self.dsp, 0)

    @property
    def array(self) -> Array:
        """Shape of the MAC array."""
        return self.sweeps[0].array

    @property
    def multipliers_dsp(self) -> int:
        """Multipliers that are DSP cells: no more than there are."""
        return min(self.dsp, self.array.size)

    @property
    def source(self) -> Layout:
        """Of the features in memory."""
        return self.sweeps[0].source

    @property
    def classes(self) -> int:
        """Logits a window."""
        return self.sweeps[-1].outputs

    @property
    def sum_width(self) -> int:
        """Bits of a sum that holds any partial sum of any sweep, signed."""
        ranges = [sweep.accumulator for sweep in self.sweeps]
        return signed_width(min(low for low, _ in ranges), max(high for _, high in ranges))

    @property
    def weight_width(self) -> int:
        """Bits of a weight in memory."""
        return max(sweep.weight_bits for sweep in self.sweeps)

    @property
    def between(self) -> tuple[Layout, ...]:
        """Layouts of the values between layers."""
        return tuple(sweep.source for sweep in self.sweeps[1:])

    @property
    def regions(self) -> tuple[int, ...]:
        """Where each layer's words begin in the memory between layers, and its size."""
        starts = [0]
        for layout in self.between:
            starts.append(starts[-1] + layout.last_word + 1)
        return tuple(starts)

    @property
    def pipeline(self) -> int:
        """Cycles from the step that issues a sum's last word to the sum."""
        return depths.ISSUE + depths.MEMORY + depths.mac_array(self.array.lanes)

    def behind(self, sweep: Sweep) -> int:
        """Return the cycles from a sweep's last step to its last value in memory, or to the class.

        Less than 0 where the last word is followed by more steps than the pipeline is long.
        """
        # The last group may use few of the rows, the last word may be followed by waiting.
        rest = sweep.outputs - (sweep.groups - 1) * sweep.array.rows - 1
        tail = rest - (sweep.steps - sweep.words)
        if sweep is self.sweeps[-1]:
            return self.pipeline + depths.COLLECTED_LOGIT + tail + depths.ARGMAX
        return self.pipeline + depths.COLLECTED_VALUE + tail + depths.PACKER

    @property
    def timing(self) -> Timing:
        """From the start of a window whose features are in memory to its class.

        Steps are the sweeps, each from its beginning to its last value or to the class. Windows
        follow at `interval` when results are taken at once.
        """
        last = self.sweeps[-1]
        # The sequencer waits a cycle at least before the next sweep.
        steps = [
            (each.name, 1 + each.cycles + max(1, self.behind(each))) for each in self.sweeps[:-1]
        ]
        steps.append((last.name, 1 + last.cycles + self.behind(last)))
        latency = sum(cycles for _, cycles in steps)
        interval = latency - self.behind(last) + 1
        if len(self.sweeps) == 1:
            # It is also the last, which waits until the result before is out of its way.
            interval = max(interval, latency + 2)
        return Timing.of(steps, interval, in_flight=IN_FLIGHT)

    def cells(self, target: Target) -> Cells:
        """Return the cells of all behind the source, the account of windows included.

        LUT4 of sequencer, MAC array, collector, arg-max and packer; block RAMs of features,
        weights, biases and values between layers.
        """
        count, array, word = Counting(target), self.array, self.array.lanes * self.value_width
        factors = self.value_width, self.weight_width
        logic = array.size - self.multipliers_dsp
        lut4 = (
            _ACCOUNT_LUT4 + logic * count.product(*factors)
            + array.rows * self._row(count) + word + self._collector(count)
            + count.adder(self.logit_bits) + 25 + self._sequencer()
        )  # fmt: skip
        ebr = count.memory(word, 2 << max(1, self.source.last_word.bit_length()))
        weights = sum(sweep.weight_depth for sweep in self.sweeps)
        ebr += count.memory(array.size * self.weight_width, weights, rom=True)
        biases = sum(sweep.groups * array.rows for sweep in self.sweeps)
        ebr += count.memory(self.sum_width + align_width(self.sweeps), biases, rom=True)
        if self.between:
            # The word in the making of values between layers, and its address.
            lut4 += int(1.4 * word) + 2 * self.regions[-1].bit_length() + 2
            ebr += count.memory(word, self.regions[-1])
        return cells(lut4, self.multipliers_dsp * count.dsp(*factors), ebr)

    def _row(self, count: Counting) -> int:
        """Return a row's tree of adders and its accumulator."""
        total = 0
        values, width = self.array.lanes, self.value_width + self.weight_width
        while values > 1:
            width += 1
            total += values // 2 * count.adder(width)
            values -= values // 2
        return total + count.adder(self.sum_width) + self.sum_width

    def _collector(self, count: Counting) -> int:
        """Return serialiser, bias, alignment, rounding and pooling."""
        sums, value = self.sum_width, self.value_width
        rounded = len(self.sweeps) - 1
        arithmetic = count.adder(sums) + rounded * count.adder(sums + 1) + count.adder(value)
        choices = (self.array.rows - 1) * sums + align_width(self.sweeps) * self.logit_bits
        return arithmetic + choices + 3 * value + max(0, rounded - 1) * sums + 10

    def _sequencer(self) -> int:
        """Return counters and address arithmetic."""
        weights = sum(sweep.weight_depth for sweep in self.sweeps).bit_length()
        words = max(sweep.source.last_word for sweep in self.sweeps).bit_length()
        steps = max(sweep.steps for sweep in self.sweeps).bit_length()
        return 4 * weights + 5 * words + 3 * steps + 40

    def apart(self, front: SourcePlan) -> int:
        """Return how many cycles windows must be apart for the layers to keep up with them."""
        timing = self.timing
        return max(timing.interval, -(-(timing.latency + front.op.window) // IN_FLIGHT))


def align_width(sweeps: tuple[Sweep, ...]) -> int:
    """Return the bits of a logit's alignment in memory; 0 where none is aligned."""
    return max(int(align) for sweep in sweeps for align in sweep.align).bit_length()
