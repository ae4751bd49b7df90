"""The layers behind a source on one MAC array, on which they take turns: cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from hwgen.checks import positive
from hwgen.fixedpoint import signed_width
from hwgen.plans import depths, rules, shared_cells
from hwgen.plans.index import index_of
from hwgen.plans.layout import Layout
from hwgen.plans.memory import Memory
from hwgen.plans.schedule import Task
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.step import Array, Squares, Step
from hwgen.plans.streamed import Streaming, streaming
from hwgen.plans.timing import Timing
from hwgen.plans.two_products import Allotment, TwoProducts
from hwgen.plans.value_stream import ValueStreamPlan
from hwgen.plans.weights.flash import FlashPlan, Pace
from hwgen.plans.weights.rom import RomPlan
from hwgen.plans.weights.store import StorePlan
from hwgen.targets import Cells, Target, Turns

IN_FLIGHT = 4
"""Windows that may be on their way, as many as the accelerator's tags tell apart."""

_ALONE_IN_FLIGHT = 2
"""The same where there is memory for one: one beside it whose answer is not yet taken."""

_SLACK = 16
"""Cycles from a sample to where the layers know of it, and to spare."""


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """Steps of one window after the other.

    Parameters
    ----------
    steps
        In order; with the last one the result is there, its logits or values.
    memory
        Where values lie.
    tasks
        In which order the steps work on which positions.
    value_width
        Bits of a value in memory, signed.
    logit_bits
        Bits of a logit, signed.
    dsp
        DSP cells of the array; what they do not do is logic.
    outputs
        Numbers of the steps whose values leave beside the logits, in order.
    number_bits
        Bits of such a value as it leaves, signed.
    windows
        For how many windows of features there is memory: with two, one is filled while the other
        is used.
    pace
        How fast weights of streamed steps come; None where there are none.
    """

    kind: ClassVar[str] = "shared"

    result: ClassVar[int] = 2
    """Cycles to start the layers, and from the class to its presentation."""

    leaving: ClassVar[int] = 2
    """Cycles from a result's presentation to where another window has its place."""

    steps: tuple[Step, ...]
    memory: Memory
    tasks: tuple[Task, ...]
    value_width: int
    logit_bits: int
    dsp: int
    outputs: tuple[int, ...] = ()
    number_bits: int = 0
    windows: int = 2
    pace: Pace | None = None

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
    def array_dsp(self) -> int:
        """Most multipliers of the array that are DSP cells: what others leave."""
        return self.dsp - self.products_dsp - self.squares_dsp

    @cached_property
    def allotment(self) -> Allotment:
        """What does the array's products."""
        return Allotment.of(self.array.rows, self.array.lanes, self.array_dsp, self.two_products)

    @cached_property
    def two_products(self) -> TwoProducts | None:
        """How two of the array's products share a multiplier; None: too wide, or no need."""
        if self.array.size <= self.array_dsp:
            return None
        words = [step.weight_words for step in self.steps]
        low, high = min(each.min() for each in words), max(each.max() for each in words)
        return TwoProducts.of(self.value_width, int(low), int(high))

    @property
    def multiplies(self) -> bool:
        """Whether some step's values are multiplied by each other."""
        return any(step.post.pairs for step in self.steps)

    @property
    def leaves_out(self) -> bool:
        """Whether some positions do not count for their maximum."""
        return any(step.post.counted is not None for step in self.steps)

    @property
    def products_dsp(self) -> int:
        """Multipliers of values by values that are DSP cells: the first of those there are."""
        return min(self.dsp, self.array.drain) if self.multiplies else 0

    @property
    def squares(self) -> Squares | None:
        """What becomes of the last step's values where they are squared; None: they are not."""
        return self.steps[-1].post.squares

    @property
    def squares_dsp(self) -> int:
        """Multipliers for squares that are DSP cells."""
        return min(self.dsp - self.products_dsp, self.array.drain) if self.squares else 0

    @property
    def threshold(self) -> int | None:
        """The largest score that is no anomaly, at first; None: there is no score."""
        return self.squares.threshold if self.squares else None

    @property
    def tells_steps(self) -> bool:
        """Whether it matters which step rounded values are of: some leave."""
        return bool(self.outputs or self.squares)

    @property
    def source(self) -> Layout:
        """Of the features in memory."""
        return self.memory.layout

    @property
    def classes(self) -> int:
        """Logits a window."""
        if self.squares:
            return 2  # threshold and score
        return self.steps[-1].outputs if self.has_logits else 0

    @property
    def has_logits(self) -> bool:
        """Whether the last step's sums are the logits."""
        return self.steps[-1].exact

    @property
    def numbers(self) -> int:
        """Numbers a window beside the logits."""
        return self.value_stream.numbers if self.value_stream else 0

    @cached_property
    def value_stream(self) -> ValueStreamPlan | None:
        """Where values wait that leave; None: none do."""
        if not self.outputs:
            return None
        counts = tuple(self.steps[number].values for number in self.outputs)
        return ValueStreamPlan(counts, self.number_bits, self.array.drain)

    @cached_property
    def sum_width(self) -> int:
        """Bits of a sum that holds any partial sum of any step, signed."""
        ranges = [step.accumulator for step in self.steps]
        return signed_width(min(low for low, _ in ranges), max(high for _, high in ranges))

    @property
    def rounded_width(self) -> int:
        """Bits of a rounded sum, signed: a value, or what is multiplied to one."""
        factors = [step.post.out for step in self.steps if step.post.pairs and step.post.out]
        return max([self.value_width, *(fmt.width + (not fmt.signed) for fmt in factors)])

    @cached_property
    def weight_width(self) -> int:
        """Bits of a weight in memory."""
        return max(step.weight_bits for step in self.steps)

    @cached_property
    def weights(self) -> StorePlan:
        """Where the array's weights come from: a word for each cycle, step after step."""
        if self.flash is not None:
            return self.flash
        words = [step.weight_words.reshape(step.weight_depth, -1) for step in self.steps]
        return RomPlan(np.concatenate(words), self.weight_width)

    @cached_property
    def flash(self) -> FlashPlan | None:
        """What comes of a stream and what stays on chip; None where all stays."""
        if self.pace is None:
            return None
        index = index_of(self.steps, self.shifts) if self.indexed else None
        width = self.array.size
        stays = [s.weight_words.reshape(-1, width) for s in self.steps if not s.streamed]
        comes = [s for s in self.steps if s.streamed]
        words = [s.by_group(s.weight_words).reshape(-1, width) for s in comes]
        named = zip(self.steps, index or (), strict=False)
        names = [s.by_group(each) for s, each in named if s.streamed]
        index_bits = max(1, *(int(each.max()).bit_length() for each in index)) if index else 0
        return FlashPlan(
            np.concatenate([np.zeros((0, width), dtype=np.int64), *stays]),
            np.concatenate(words),
            tuple(s.block for s in comes for _ in range(s.groups)),
            self.weight_width,
            np.concatenate([np.zeros(0, dtype=np.int64), *names]),
            index_bits,
            self.pace,
        )

    @property
    def weight_starts(self) -> tuple[int, ...]:
        """Address of each step's first word of weights; of streamed ones none."""
        starts, used = [], 0
        for step in self.steps:
            starts.append(0 if step.streamed else used)
            used += 0 if step.streamed else step.weight_depth
        return tuple(starts)

    @property
    def weight_depth(self) -> int:
        """Words of weights that an address tells apart."""
        return self.weights.depth

    @property
    def kept_depth(self) -> int:
        """Words of weights that stay on chip."""
        return sum(step.weight_depth for step in self.steps if not step.streamed)

    @property
    def indexed(self) -> bool:
        """Whether some step's words do not simply follow each other: a memory says which come."""
        return not all(step.in_order for step in self.steps)

    @property
    def last_of_features(self) -> int:
        """Number of the last task that reads the source's features."""
        name = self.memory.features
        return max(
            number
            for number, task in enumerate(self.tasks)
            if self.steps[task.step].reads_from(name)
        )

    @cached_property
    def ahead(self) -> int:
        """How many tasks, the first ones, do not wait for a window's last features."""
        return next(n for n, task in enumerate(self.tasks) if task.needs == self.feature_words)

    @property
    def features_depth(self) -> int:
        """Words of the memory for features: a power of two for each window."""
        return self.windows << max(1, self.source.last_word.bit_length())

    @property
    def turns(self) -> Turns | None:
        """How reads and writes of features keep apart: of one window they are written, then read.

        Of two, or where layers begin while features come, they meet.
        """
        return Turns() if self.windows == 1 and not self.ahead else None

    @property
    def feature_words(self) -> int:
        """Words of features a window."""
        layout = self.memory.layout
        return layout.last_word + 1 - layout.first_word

    @property
    def shifts(self) -> tuple[int, ...]:
        """By how much products may count more, ascending."""
        return tuple(sorted({read.shift for step in self.steps for read in step.reads}))

    @property
    def index_width(self) -> int:
        """Bits of what says which word comes: its distance, its read, its products' shift."""
        far = max(0, *(step.farthest for step in self.steps))
        reads = max(len(step.reads) for step in self.steps) - 1
        return max(1, far.bit_length()) + reads.bit_length() + (len(self.shifts) - 1).bit_length()

    @property
    def tables(self) -> tuple[Step, ...]:
        """Return the steps whose values are looked up."""
        return tuple(step for step in self.steps if step.post.table is not None)

    @property
    def table_depth(self) -> int:
        """Words of all tables, each in a place of a power of two."""
        found = (step.post.table for step in self.tables)
        most = max((len(table) for table in found if table is not None), default=0)
        return len(self.tables) << max(0, most - 1).bit_length()

    @property
    def bias_depths(self) -> tuple[int, ...]:
        """Words of biases of each step: one for all values that leave in a cycle."""
        return tuple(step.groups * step.turns for step in self.steps)

    @property
    def bias_width(self) -> int:
        """Bits of a word of biases, and of a logit's alignment."""
        return self.array.drain * self.sum_width + align_width(self.steps)

    @property
    def issue(self) -> int:
        """Cycles from the sequencer's count to the address that it gives out."""
        return depths.ISSUE + (depths.INDEX if self.indexed else 0)

    @property
    def pipeline(self) -> int:
        """Cycles from the count that issues a sum's last word to the sum."""
        return self.issue + depths.MEMORY + depths.mac_array(self.array.lanes, self.array.rows)

    @property
    def value_latency(self) -> int:
        """Cycles from the sums to the first value."""
        products = depths.PRODUCT if self.multiplies else 0
        return depths.COLLECTED_VALUE + products + (depths.MEMORY if self.tables else 0)

    def behind(self, step: Step) -> int:
        """Return the cycles from a step's last count to its last value, or to the class.

        Less than 0 where the last word is followed by more cycles than the pipeline is long.
        """
        # The last group may use few of the rows, the last word may be followed by waiting.
        tail = step.rest_turns - 1 - (step.steps - step.words)
        if step.exact:
            return self.pipeline + depths.COLLECTED_LOGIT + tail + depths.ARGMAX
        if step.post.squares:
            return self.pipeline + self.value_latency + tail + depths.score(self.array.drain)
        # In memory, or where values wait to leave: as late as each other.
        return self.pipeline + self.value_latency + tail + depths.PACKER

    def lasts(self, number: int) -> int:
        """Return the cycles of a task from its beginning to its last value, or to the class."""
        result = number == len(self.tasks) - 1
        task = self.tasks[number]
        step = self.steps[task.step]
        behind = self.behind(step)
        # The sequencer waits a cycle at least before the next task, and another one to see
        # whether its features are there.
        return 1 + bool(self.ahead) + task.cycles(step) + (behind if result else max(1, behind))

    @property
    def busy(self) -> int:
        """Cycles from one window to the next where weights never kept it waiting."""
        total = sum(self.lasts(number) for number in range(len(self.tasks)))
        return total - self.behind(self.steps[-1]) + 1

    @cached_property
    def streaming(self) -> Streaming | None:
        """What streamed weights cost in cycles; None where none are."""
        return None if self.flash is None else streaming(self, self.flash)

    @cached_property
    def timing(self) -> Timing:
        """From the start of a window whose features are in memory to its result.

        Each step from its beginning to its last value or to the class; tasks that did not wait for
        the last features are done. Windows follow at `interval` when results are taken at once.
        Where weights are streamed it may be less by the few bytes that waited on their way.
        """
        last = self.steps[-1]
        cycles: dict[str, int] = {}
        waits = self.streaming.waits if self.streaming else (0,) * len(self.tasks)
        for number in range(self.ahead, len(self.tasks)):
            name = self.steps[self.tasks[number].step].name
            cycles[name] = cycles.get(name, 0) + self.lasts(number) + waits[number]
        if self.ahead:
            # The first of them has waited already.
            cycles[self.steps[self.tasks[self.ahead].step].name] -= 1
        latency = sum(cycles.values())
        everything = latency + sum(self.lasts(number) for number in range(self.ahead))
        interval = everything - self.behind(last) + 1
        if self.streaming:
            interval = self.streaming.interval
        if len(self.tasks) == 1:
            # It is also the last, which waits until the result before is out of its way.
            interval = max(interval, latency + 1)
        if self.value_stream:
            # It begins when there is room for its values.
            interval = max(interval, self.value_stream.apart(everything))
        in_flight = _ALONE_IN_FLIGHT if self.windows == 1 else IN_FLIGHT
        return Timing.of(cycles.items(), interval, in_flight=in_flight)

    @property
    def utilisation(self) -> float:
        """Products of the network for each multiplier and cycle of a window."""
        products = sum(step.products for step in self.steps)
        return products / (self.array.size * self.timing.interval)

    def cells(self, target: Target) -> Cells:
        """Return the cells of all behind the source, the account of windows included."""
        return shared_cells.counted(self, target)

    def behind_source(self, front: SourcePlan) -> Self:
        """Return the plan with memory for one window where that holds nothing up.

        That is where features come at a window's end, and the window before is done with by then.
        """
        way = front.timing.latency + self.timing.latency + self.result + self.leaving + _SLACK
        spare = front.accumulates and not self.ahead and front.timing.interval >= way
        return replace(self, windows=1) if spare else self

    def apart(self, front: SourcePlan) -> int:
        """Return how many cycles windows must be apart for the layers to keep up with them."""
        if self.ahead:
            return self._pace(front) * front.elements
        # From a window's last sample to where another one has its place.
        way = front.timing.latency + self.timing.latency + self.result + self.leaving
        return max(self.timing.interval, -(-way // IN_FLIGHT))

    def _pace(self, front: SourcePlan) -> int:
        """Return the least distance of samples with which tasks are done before the last one."""
        elements, words = front.elements, self.feature_words
        early = [(self.tasks[n].needs, self.lasts(n)) for n in range(self.ahead)]
        pace, left = -(-self.timing.interval // elements), 0
        # A task, and those behind it, cannot be done sooner than so long behind its samples.
        for needs, lasts in reversed(early):
            left += lasts
            pace = max(pace, (left + _SLACK - 1) * words // (elements * (words - needs)))
        while not self._keeps_up(elements, pace, early):
            pace += 1
        return pace

    def _keeps_up(self, elements: int, pace: int, early: list[tuple[int, int]]) -> bool:
        """Return whether what need not wait for the last sample is done when it comes."""
        # The window before is worked on until its class is there.
        now = self.timing.latency + _SLACK
        for needs, lasts in early:
            now = max(now, needs * elements * pace // self.feature_words + _SLACK) + lasts
        return now <= elements * pace


def align_width(steps: tuple[Step, ...]) -> int:
    """Return the bits of a logit's alignment in memory; 0 where none is aligned."""
    return max(int(align) for step in steps for align in step.post.align).bit_length()
