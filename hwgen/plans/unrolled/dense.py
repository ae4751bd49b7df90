"""The last dense layer while its inputs arrive: what meets which weights, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwgen.checks import positive
from hwgen.fixedpoint import signed_width
from hwgen.plans import depths
from hwgen.plans.constants.adder_graph import Span, row_span
from hwgen.plans.counting import Counting, cells
from hwgen.plans.unrolled import argmax_tree
from hwgen.plans.weights.rom import RomPlan
from hwgen.plans.weights.store import StorePlan
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.targets import Cells, Target


@dataclass(frozen=True, eq=False)
class UnrolledDensePlan:
    """Groups of values arrive; each cycle some of them meet their weights of all classes.

    Parameters
    ----------
    op
        The last layer.
    order
        For each value of a window, in the order of arrival, its place in the flattened input;
        None for a value that counts for nothing. Every place is there once.
    group
        Values that arrive together.
    values_at_once
        Values that are multiplied in a cycle; divides `group`. Where a group takes longer than
        `interval`, groups wait in a memory.
    dsp
        Multipliers that are DSP cells; the others are logic.
    interval
        Least cycles from one group to the next of a window.

    Raises
    ------
    TypeError, ValueError
        If the parameters do not fit each other.
    """

    op: QuantizedDense
    order: tuple[int | None, ...]
    group: int
    values_at_once: int
    dsp: int
    interval: int = 1

    def __post_init__(self) -> None:
        positive("group", self.group)
        positive("interval", self.interval)
        positive("dsp", self.dsp, 0)
        if self.group % positive("values_at_once", self.values_at_once):
            raise ValueError(
                f"values_at_once must divide group ({self.group}), not {self.values_at_once}"
            )
        if not self.op.last:
            raise ValueError("op must be the last layer, not a hidden one")
        places = sorted(place for place in self.order if place is not None)
        if places != list(range(self.op.weight.shape[1])):
            raise ValueError("order must have every place of the input once")
        if len(self.order) % self.group:
            raise ValueError(
                f"order must be whole groups of {self.group}, not {len(self.order)} values"
            )

    @property
    def classes(self) -> int:
        """Logits a window."""
        return len(self.op.weight)

    @property
    def multipliers(self) -> int:
        """Multipliers, DSP cells and logic."""
        return self.values_at_once * self.classes

    @property
    def multipliers_dsp(self) -> int:
        """Multipliers that are DSP cells: no more than there are."""
        return min(self.dsp, self.multipliers)

    @property
    def factor_width(self) -> int:
        """Bits of a value as a multiplier takes it, signed."""
        return self.op.source.width + (not self.op.source.signed)

    @property
    def groups(self) -> int:
        """Groups a window."""
        return len(self.order) // self.group

    @property
    def beats(self) -> int:
        """Cycles that a group takes."""
        return self.group // self.values_at_once

    @property
    def words(self) -> int:
        """Words of weights, one a cycle."""
        return len(self.order) // self.values_at_once

    @property
    def queued(self) -> bool:
        """Whether groups wait in a memory."""
        return self.beats > self.interval

    @property
    def wait(self) -> int:
        """Most cycles from the last group to its first products."""
        if not self.queued:
            return 0
        return 1 + depths.MEMORY + (self.groups - 1) * (self.beats - self.interval)

    @property
    def pipeline(self) -> int:
        """Cycles from values to their part of a sum."""
        return depths.mac_array(self.values_at_once)

    @property
    def latency(self) -> int:
        """Most cycles from a window's last group to its class."""
        return self.wait + self.beats - 1 + self.pipeline + argmax_tree.latency(self.classes)

    @property
    def gap(self) -> int:
        """Least cycles from a window's last group to the next one's first."""
        early = 1 + depths.MEMORY if self.queued else 0
        return self.wait - early + self.beats + argmax_tree.latency(self.classes)

    @cached_property
    def total_widths(self) -> tuple[int, ...]:
        """Bits of each class's sum, its bias and any of its products included, signed."""
        source = Span(self.op.source.min, self.op.source.max)
        found = []
        for row, bias in zip(self.op.weight, self.op.bias, strict=True):
            span = row_span(row, source, free=True)
            found.append(signed_width(span.low + int(bias), span.high + int(bias)))
        return tuple(found)

    def cells(self, target: Target) -> Cells:
        """Return the cells: products, their sums, the comparison of logits, weights, a queue."""
        op, classes, count = self.op, self.classes, Counting(target)
        factors = self.factor_width, op.weight_bits
        lut4 = (self.multipliers - self.multipliers_dsp) * count.product(*factors)
        for level in range(self.values_at_once.bit_length()):
            adders = classes * (self.values_at_once >> level + 1)
            lut4 += adders * count.adder(sum(factors) + level + 1)
        lut4 += sum(count.adder(width) for width in self.total_widths)
        lut4 += argmax_tree.comparisons(classes) * count.adder(op.out.width + 1) + 8 * classes
        lut4 += argmax_tree.choices(classes) * 3 * op.out.width
        group = self.group * op.source.width
        if self.beats > 1:
            lut4 += group
        ebr = count.memory(group, self.groups) if self.queued else 0
        own = cells(lut4, self.multipliers_dsp * count.dsp(*factors), ebr)
        return own + self.weights.cells(target)

    @cached_property
    def weights(self) -> StorePlan:
        """For each cycle the weights of its values, class by class for each value."""
        padded = np.concatenate([self.op.weight, np.zeros((self.classes, 1), dtype=np.int64)], 1)
        places = [-1 if place is None else place for place in self.order]
        table = padded[:, places].T.reshape(-1, self.multipliers)
        return RomPlan(table, self.op.weight_bits)
