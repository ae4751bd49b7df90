"""A convolution and its pooling with a multiplier-less product for every weight."""

from __future__ import annotations

from dataclasses import dataclass

from amaranth.hdl import Const, Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format
from hwgen.hardware.primitives.memory import exceeds, larger, pulse_delayed
from hwgen.hardware.unrolled.constant_matrix import (
    ConstantMatrix,
    format_shape,
    shape_of,
    shifted_sum,
)
from hwgen.plans import depths
from hwgen.plans.constants.adder_graph import Span
from hwgen.plans.unrolled.conv import UnrolledConvPlan

AHEAD = depths.MEMORY
"""Cycles by which ``o_soon`` comes before ``o_valid``: what a ROM takes to give its data."""


@dataclass(frozen=True)
class _Marks:
    """What a word is to the groups that leave: each one bit.

    Parameters
    ----------
    active
        Whether it completes positions that leave.
    begin, whole
        Whether these are the first, and the last, of a pool.
    first, last
        With `whole`: whether the group is a window's first, or last.
    """

    active: Value
    begin: Value
    whole: Value
    first: Value
    last: Value


class UnrolledConv(wiring.Component):
    """Takes a word of features a cycle; all weights are adders of their own.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    valid, values
        The next word of a window; lanes before its first and behind its last feature are zero.
    first, last
        With a window's first and last word. A first word begins anew, whatever came before.
    o_valid, o_values
        A group of values, in the order of the plan's `order`.
    o_first, o_last
        With a window's first and last group.
    o_soon, o_soon_first
        ``o_valid`` and ``o_first``, two cycles ahead.

    Latency
    -------
    The plan's: cycles from ``last`` to ``o_last`` when words come without a pause. Groups are at
    least its `interval` cycles apart.

    Handshake
    ---------
    Words may come every cycle, and with pauses. The next window's first word comes at least the
    plan's `gap` cycles after a window's last.
    """

    def __init__(self, plan: UnrolledConvPlan):
        self.plan = plan
        self._matrix = ConstantMatrix(plan.graph)
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "last": In(1),
                "values": In(data.ArrayLayout(format_shape(plan.op.source), plan.lanes)),
                "o_soon": Out(1),
                "o_soon_first": Out(1),
                "o_valid": Out(1),
                "o_first": Out(1),
                "o_last": Out(1),
                "o_values": Out(data.ArrayLayout(format_shape(plan.op.out), plan.group)),
            }
        )

    def elaborate(self, platform):
        """Return the constant matrix, the sums on their way, rounding and pooling."""
        m = Module()
        plan = self.plan
        m.submodules.matrix = matrix = self._matrix
        step, flushing = self._steps(m)
        begin = self.valid & self.first
        m.d.comb += [matrix.x.eq(self.values), matrix.zero.eq(flushing)]
        wait = matrix.latency
        step = pulse_delayed(m, step, wait, "step")
        clear = pulse_delayed(m, begin, wait - 1, "clear")
        marks = self._count(m, step, clear)

        rounded = pulse_delayed(m, step, 1, "rounded")
        values = [
            [
                self._held(m, rounded, self._sum(m, step, clear, r, filter_), r, filter_)
                for filter_ in range(plan.filters)
            ]
            for r in range(plan.steps)
        ]
        self._pool(m, values, marks)
        self._flags(m, marks)
        return m

    def _steps(self, m: Module):
        """Return whether a word, or one of zeros behind the last, comes in; and the latter."""
        left = Signal(range(max(2, self.plan.flush + 1)))
        flushing = Signal()
        due = self._pace(m, flushing)
        m.d.comb += flushing.eq((left != 0) & ~self.valid & due)
        with m.If(self.valid):
            m.d.sync += left.eq(Mux(self.last, self.plan.flush, 0))
        with m.Elif(flushing):
            m.d.sync += left.eq(left - 1)
        return self.valid | flushing, flushing

    def _pace(self, m: Module, flushing):
        """Return whether a word of zeros is far enough behind the word before."""
        pace = self.plan.pace
        if pace == 1:
            return 1
        wait = Signal(range(pace))
        with m.If(self.valid | flushing):
            m.d.sync += wait.eq(pace - 1)
        with m.Elif(wait != 0):
            m.d.sync += wait.eq(wait - 1)
        return wait == 0

    def _count(self, m: Module, step, clear) -> _Marks:
        """Count words up to the first group that leaves, and then those of all groups."""
        plan = self.plan
        words = plan.groups * plan.interval
        lead = Signal(range(max(2, plan.lead + 1)))
        left = Signal(range(words + 1))
        fresh = Signal()
        within = Signal(range(max(2, plan.interval)))
        active = Signal()
        m.d.comb += active.eq(step & (lead == 0) & (left != 0))
        with m.If(clear):
            m.d.sync += [lead.eq(plan.lead), left.eq(words), within.eq(0), fresh.eq(1)]
        with m.Elif(active):
            m.d.sync += [
                left.eq(left - 1),
                within.eq(Mux(within == plan.interval - 1, 0, within + 1)),
            ]
            with m.If(within == plan.interval - 1):
                m.d.sync += fresh.eq(0)
        with m.Elif(step & (lead != 0)):
            m.d.sync += lead.eq(lead - 1)
        whole = active & (within == plan.interval - 1)
        return _Marks(active, within == 0, whole, whole & fresh, whole & (left == 1))

    def _sum(self, m: Module, step, clear, r: int, filter_: int) -> Value:
        """Return a position's sum with its bias.

        Registers hold the sums of positions that have begun and have not ended, one word apart.
        """
        plan = self.plan
        bias = int(plan.op.bias[filter_]) + plan.half
        total: Value = Signal(signed(1))
        for word in range(plan.starts[r], plan.ends[r] + 1):
            span = plan.partial(r, word, filter_)
            held = Signal(
                shape_of(span),
                # A flip-flop is set to what it begins with, or costs a look-up table.
                init=bias,
                name=f"sum_{r}_{filter_}_{word - plan.starts[r]}",
                reset_less=True,
            )
            before = _constant(bias) if word == plan.starts[r] else total
            column = plan.column(r, word, filter_)
            output = None if column is None else plan.graph.outputs[column]
            following = before
            if output is not None:
                following = shifted_sum(
                    before,
                    self._matrix.y[f"o{column}"],
                    output.shift,
                    span,
                    subtract=output.negative,
                )
            with m.If(step):
                m.d.sync += held.eq(following)
            if word != plan.ends[r]:
                with m.If(clear):
                    m.d.sync += held.eq(bias)
            total = held
        return total

    def _held(self, m: Module, rounded, total: Value, r: int, filter_: int) -> Signal:
        """Return the sum rounded and saturated, together with those of its group."""
        value = requantized(total, self.plan.op.shift, self.plan.op.out)
        for late in range(self.plan.lead - self.plan.ends[r] + 1):
            held = Signal(
                format_shape(self.plan.op.out), name=f"value_{r}_{filter_}_{late}", reset_less=True
            )
            with m.If(rounded):
                m.d.sync += held.eq(value)
            value = held
        return value

    def _pool(self, m: Module, values: list[list[Value]], marks: _Marks) -> None:
        """Give out the largest of each pool."""
        plan = self.plan
        together = min(plan.pool, plan.steps)
        out = []
        for place in range(plan.pooled):
            for filter_ in range(plan.filters):
                pool = [values[place * together + k][filter_] for k in range(together)]
                out.append(self._largest(m, pool, f"{place}_{filter_}"))
        if plan.interval == 1:
            m.d.comb += [self.o_values[index].eq(value) for index, value in enumerate(out)]
            return
        wait = 2 + plan.levels
        active = pulse_delayed(m, marks.active, wait, "active")
        begin = pulse_delayed(m, marks.begin, wait, "begin")
        for index, value in enumerate(out):
            best = Signal.like(value, name=f"best_{index}", reset_less=True)
            m.d.comb += self.o_values[index].eq(best)
            with m.If(active & (begin | exceeds(value, best))):
                m.d.sync += best.eq(value)

    def _largest(self, m: Module, values: list[Value], name: str) -> Value:
        """Return the largest, a register behind each level of comparisons."""
        level = 0
        while len(values) > 1:
            pairs = [values[index : index + 2] for index in range(0, len(values), 2)]
            values = []
            for index, pair in enumerate(pairs):
                held = Signal.like(pair[0], name=f"pool_{name}_{level}_{index}", reset_less=True)
                m.d.sync += held.eq(larger(*pair) if len(pair) == 2 else pair[0])
                values.append(held)
            level += 1
        return values[0]

    def _flags(self, m: Module, marks: _Marks) -> None:
        """Delay the marks of a group to when it leaves."""
        late = self.plan.behind - self._matrix.latency
        m.d.comb += [
            self.o_soon.eq(pulse_delayed(m, marks.whole, late - AHEAD, "soon")),
            self.o_soon_first.eq(pulse_delayed(m, marks.first, late - AHEAD, "soon_first")),
            self.o_valid.eq(pulse_delayed(m, marks.whole, late, "valid")),
            self.o_first.eq(pulse_delayed(m, marks.first, late, "first")),
            self.o_last.eq(pulse_delayed(m, marks.last, late, "last")),
        ]


def requantized(total: Value, shift: int, out: Format) -> Value:
    """Return a sum, its rounding added already, divided by ``2**shift`` and saturated to `out`."""
    value = total.shift_right(shift) if shift >= 0 else total.shift_left(-shift)
    width = out.width - out.signed
    is_signed = value.shape().signed
    if len(value) <= width + is_signed and (out.signed or not is_signed):
        return value
    rest = value[width:]
    negative = value[-1] if is_signed else 0
    over = ~negative & rest.any() if is_signed else rest.any()
    if not out.signed:
        return Mux(negative, 0, value[:width] | over.replicate(width))
    under = negative & ~rest.all()
    return Mux(over, out.max, Mux(under, out.min, value[: out.width].as_signed()))


def _constant(value: int) -> Value:
    """Return a constant in as few bits as hold it."""
    return Const(value, shape_of(Span(value, value)))
