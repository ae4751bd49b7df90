"""Convolution, pooling and dense layer in a row, each with hardware of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hwgen.plans.counting import cells
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.plans.unrolled.conv import UnrolledConvPlan, unrolled_conv
from hwgen.plans.unrolled.dense import UnrolledDensePlan
from hwgen.plans.unrolled.row import whole_row
from hwgen.quantized import QuantizedOp
from hwgen.targets import Cells, Target

_CONTROL_LUT4 = 90
"""Counters of words, groups and weights."""

_ACCOUNT_LUT4 = 110
"""One window in flight and its time."""


@dataclass(frozen=True, eq=False)
class UnrolledLayersPlan:
    """The layers behind a source, which work while features come.

    Parameters
    ----------
    conv
        The convolution and its pooling.
    dense
        The last layer.
    """

    kind: ClassVar[str] = "unrolled"

    result: ClassVar[int] = 1
    """Cycles from the class to its presentation."""

    leaving: ClassVar[int] = 1
    """Cycles from a result's presentation to where another window has its place."""

    numbers: ClassVar[int] = 0
    """A class is all that leaves."""

    number_bits: ClassVar[int] = 0
    threshold: ClassVar[int | None] = None

    conv: UnrolledConvPlan
    dense: UnrolledDensePlan

    @classmethod
    def of(cls, ops: tuple[QuantizedOp, ...], design: Design) -> Self:
        """Return the plan of the layers behind the source, for a design point.

        Raises
        ------
        CannotMeetError
            If the layers cannot be unrolled like that.
        """
        conv = planned(ops, design.lanes)
        _, _, last = whole_row(ops)
        dense = UnrolledDensePlan(
            last, conv.order, conv.group, design.values, design.dsp, conv.interval
        )
        return cls(conv, dense)

    @property
    def source(self) -> Layout:
        """Of the features, in words as they come."""
        return Layout(self.conv.lanes, 0, self.conv.op.length)

    @property
    def value_width(self) -> int:
        """Bits of a feature."""
        return self.conv.op.source.width

    @property
    def classes(self) -> int:
        """Logits a window."""
        return self.dense.classes

    @property
    def logit_bits(self) -> int:
        """Bits of a logit, signed."""
        return self.dense.op.out.width

    @property
    def timing(self) -> Timing:
        """From a window's last word of features to its class; of one window at a time."""
        conv, dense = self.conv, self.dense
        steps = ((conv.op.name, conv.latency), (dense.op.name, dense.latency))
        return Timing.of(steps, interval=max(1, conv.latency + dense.latency))

    def cells(self, target: Target) -> Cells:
        """Return the cells of all behind the source, the account of windows included."""
        control = cells(_CONTROL_LUT4 + _ACCOUNT_LUT4, 0, 0)
        return control + self.conv.cells(target) + self.dense.cells(target)

    def apart(self, front: SourcePlan) -> int:
        """Return how many cycles windows must be apart.

        With the next window's class there must be room for it: the one before has left.
        """
        return front.timing.latency + self.timing.latency + self.result + self.leaving


def planned(ops: tuple[QuantizedOp, ...], lanes: int) -> UnrolledConvPlan:
    """Return how the convolution is unrolled over words of `lanes` features.

    Raises
    ------
    CannotMeetError
        If it cannot be.
    """
    conv, pool, _ = whole_row(ops)
    return unrolled_conv(conv, pool, lanes)


def least_lanes(ops: tuple[QuantizedOp, ...]) -> int:
    """Return the fewest features a word: a whole stride, `CannotMeetError` if none will do."""
    conv, _, _ = whole_row(ops)
    return conv.stride


def at_once(ops: tuple[QuantizedOp, ...], lanes: int) -> list[int]:
    """Return how many values the dense layer may take at once: what divides a group of them."""
    group = planned(ops, lanes).group
    return [values for values in range(1, group + 1) if group % values == 0]
