"""Convolution, pooling and dense layer in a row, each with hardware of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.network import pooling
from hwgen.plans.counting import cells
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.timing import Timing
from hwgen.plans.unrolled.conv import UnrolledConvPlan
from hwgen.plans.unrolled.dense import UnrolledDensePlan
from hwgen.quantized import QuantizedOp
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d
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
        _, _, last = parts(ops)
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


def parts(ops: tuple[QuantizedOp, ...]) -> tuple[QuantizedConv1d, int, QuantizedDense]:
    """Return the convolution, the size of its pooling, and the last layer.

    Raises
    ------
    CannotMeetError
        If the layers behind the spectrum are others, or groups of the pooling share positions,
        leave some out, or are padded.
    """
    pool, rest = 1, ops[1:]
    if rest and isinstance(rest[0], QuantizedMaxPool1d):
        pool, rest = _whole_groups(rest[0]), rest[1:]
    conv, last = ops[0], rest[0] if len(rest) == 1 else None
    if not (isinstance(conv, QuantizedConv1d) and isinstance(last, QuantizedDense) and last.last):
        raise CannotMeetError(
            f"unrolled layers must be conv1d, maxpool1d or none, and one dense layer, not "
            f"{', '.join(op.op for op in ops)}; ask for a MAC array with --parallel"
        )
    return conv, pool, last


def _whole_groups(op: QuantizedMaxPool1d) -> int:
    """Return the size of a pooling whose groups follow each other without padding."""
    if pooling.stride(op) != op.size or op.padding:
        raise CannotMeetError(
            f"{op.name} cannot be unrolled: stride must be size ({op.size}) and padding 0, not "
            f"{pooling.stride(op)} and {op.padding}; ask for a MAC array with --parallel"
        )
    return op.size


def planned(ops: tuple[QuantizedOp, ...], lanes: int) -> UnrolledConvPlan:
    """Return how the convolution is unrolled over words of `lanes` features.

    Raises
    ------
    CannotMeetError
        If it cannot be.
    """
    conv, pool, _ = parts(ops)
    try:
        return UnrolledConvPlan(conv, pool, lanes)
    except ValueError as error:
        raise CannotMeetError(f"{conv.name} cannot be unrolled: {error}") from error


def least_lanes(ops: tuple[QuantizedOp, ...]) -> int:
    """Return the fewest features a word: a whole stride, `CannotMeetError` if none will do."""
    conv, _, _ = parts(ops)
    return conv.stride


def at_once(ops: tuple[QuantizedOp, ...], lanes: int) -> list[int]:
    """Return how many values the dense layer may take at once: what divides a group of them."""
    group = planned(ops, lanes).group
    return [values for values in range(1, group + 1) if group % values == 0]
