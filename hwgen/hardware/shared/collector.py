"""Behind the MAC array: bias, rounding, ReLU, table and pooling, a few values a cycle."""

from __future__ import annotations

import itertools

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, larger, pulse_delayed, registered
from hwgen.hardware.shared.products import Products
from hwgen.hardware.shared.rounder import Rounder
from hwgen.hardware.shared.sequencer import tag_layout
from hwgen.hardware.shared.table import Table
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan, align_width
from hwgen.plans.step import Step


class Collector(wiring.Component):
    """Takes the sums of all rows at once and gives finished values, `drain` in a cycle.

    Parameters
    ----------
    plan
        Of the steps.

    Members
    -------
    valid, sums, tag
        From the MAC array; at least as many cycles apart as taking them away lasts.
    value_valid, values, value_last
        Values, rounded; ``value_last`` with a task's last.
    value_step
        Only where values leave: number of the step that gives them.
    logit_valid, logit, logit_last
        Only where there are some: a logit; ``logit_last`` with a window's last.

    Latency
    -------
    From ``valid`` to the first values the plan's `value_latency`, 5 cycles to the first logit; then
    one word of values, or one logit, a cycle.
    """

    logit_latency = depths.COLLECTED_LOGIT

    def __init__(self, plan: SharedPlan):
        self._plan, self._steps, self._drain = plan, plan.steps, plan.array.drain
        sums = data.ArrayLayout(signed(plan.sum_width), plan.array.rows)
        super().__init__(
            {
                "valid": In(1),
                "sums": In(sums),
                "tag": In(tag_layout(plan)),
                "value_valid": Out(1),
                "values": Out(data.ArrayLayout(signed(plan.value_width), self._drain)),
                "value_last": Out(1),
            }
            | ({"value_step": Out(range(max(2, len(plan.steps))))} if plan.tells_steps else {})
            | (
                {
                    "logit_valid": Out(1),
                    "logit": Out(signed(plan.logit_bits)),
                    "logit_last": Out(1),
                }
                if plan.has_logits
                else {}
            )
        )

    @property
    def _logits(self) -> int:
        """Number of the step that gives the logits, where there is one."""
        return len(self._steps) - 1

    def elaborate(self, platform):
        """Return the serialiser and the pipeline behind it."""
        m = Module()
        item = self._serialise(m)
        item["whole"] = item["valid"] & self._second(m, item)
        totals, align = self._add_bias(m, item)
        kept = self._flags(m, item, depths.MEMORY + 1)
        if self._plan.has_logits:
            registered(m, self.logit, totals[0] << align)
            m.d.sync += [
                self.logit_valid.eq(kept["valid"] & (kept["step"] == self._logits)),
                self.logit_last.eq(kept["final"]),
            ]
        values = self._round(m, item, totals)
        cycles = depths.MEMORY + 3
        late = self._flags(m, item, cycles)
        if self._plan.multiplies:
            values = [self._multiply(m, value, late, lane) for lane, value in enumerate(values)]
            cycles += depths.PRODUCT
            late = self._flags(m, item, cycles)
        if self._plan.tables:
            values = [
                self._look_up(m, value, late["step"], lane) for lane, value in enumerate(values)
            ]
            late = self._flags(m, item, cycles + depths.MEMORY)
        rounded = late["step"] != self._logits if self._plan.has_logits else 1
        m.d.comb += late["is_value"].eq(late["whole"] & rounded)
        self._pool(m, values, late)
        return m

    def _serialise(self, m: Module):
        """Return the current rows' sums and what is known of them."""
        rows, drain = self._plan.array.rows, self._drain
        width = self.sums[0].shape()
        held = [Signal(width, name=f"held_{row}", reset_less=True) for row in range(rows)]
        tag = Signal.like(self.tag, reset_less=True)
        index = Signal(range(max(2, rows)))
        bias = Signal.like(self.tag.bias, reset_less=True)
        running = Signal()
        last, full = self._ends(m, tag)
        with m.If(running):
            m.d.sync += [index.eq(index + 1), bias.eq(bias + 1)]
            self._shift(m, held, tag.step)
            with m.If(index == last):
                m.d.sync += running.eq(0)
        with m.If(self.valid):
            m.d.sync += [running.eq(1), index.eq(0), tag.eq(self.tag), bias.eq(self.tag.bias)]
            m.d.sync += [a.eq(self.sums[row]) for row, a in enumerate(held)]
        return {
            "sums": held[:drain],
            "bias": bias,
            "slot": running,
            "valid": running & (index <= full),
            "final": running & tag.task_last & (index == full),
            "step": tag.step,
            "pool_first": tag.pool_first,
            "pool_last": tag.pool_last,
        } | ({"beyond": tag.beyond} if self._plan.leaves_out else {})

    def _ends(self, m: Module, tag):
        """Return the last turn that takes rows away, and the last that takes some in use."""
        rows = self._plan.array.rows
        last, full = (Signal(range(max(2, rows)), name=name) for name in ("last_turn", "full"))
        turns = [step.turns for step in self._steps]
        if len(set(turns)) == 1:
            m.d.comb += last.eq(turns[0] - 1)
        with m.Switch(tag.step):
            for number, step in enumerate(self._steps):
                with m.Case(number):
                    rest = step.rest // step.drain
                    m.d.comb += full.eq(Mux(tag.group_last, rest - 1, turns[number] - 1))
                    if len(set(turns)) > 1:
                        m.d.comb += last.eq(turns[number] - 1)
        return last, full

    def _shift(self, m: Module, held, step) -> None:
        """Move sums towards the first rows: by as many as leave, logits one by one."""
        drain = self._drain
        by_one = [a.eq(b) for a, b in itertools.pairwise(held)]
        if drain == 1:
            m.d.sync += by_one
            return
        by_many = [a.eq(b) for a, b in zip(held, held[drain:], strict=False)]
        if not self._plan.has_logits:
            m.d.sync += by_many
            return
        with m.If(step == self._logits):
            m.d.sync += by_one
        with m.Else():
            m.d.sync += by_many

    def _flags(self, m: Module, item, cycles: int):
        """Return the item's flags, `cycles` later."""
        flags = {
            name: pulse_delayed(m, item[name], cycles, f"{name}_{cycles}")
            for name in ("slot", "valid", "whole", "final")
        }
        for name in ("step", "pool_first", "pool_last", "beyond")[: 3 + self._plan.leaves_out]:
            flags[name] = delayed(m, item[name], cycles, f"{name}_{cycles}")
        flags["is_value"] = Signal(name=f"is_value_{cycles}")
        return flags

    def _add_bias(self, m: Module, item):
        """Return the sums with their biases, registered, and the logit's alignment."""
        width, align_bits = self._plan.sum_width, align_width(self._steps)
        mask = (1 << width) - 1
        words = []
        for step in self._steps:
            for biases, align in bias_words(step, self._drain):
                bits = align << self._drain * width
                for lane, bias in enumerate(biases):
                    bits |= (bias & mask) << lane * width
                words.append(bits)
        m.submodules.biases = rom = BlockRam(self._plan.bias_width, len(words), words)
        m.d.comb += rom.read_address.eq(item["bias"])
        totals = []
        for lane, sum_ in enumerate(item["sums"]):
            name = "sum" if not lane else f"sum_{lane}"
            total = Signal(signed(width), reset_less=True)
            bias = rom.read_data[lane * width : (lane + 1) * width].as_signed()
            m.d.sync += total.eq(delayed(m, sum_, rom.latency, name) + bias)
            totals.append(total)
        align = Signal(max(1, align_bits), reset_less=True)
        m.d.sync += align.eq(rom.read_data[self._drain * width :])
        return totals, align

    def _round(self, m: Module, item, totals):
        """Return the sums divided and saturated: two registered stages."""
        posts = {n: step.post for n, step in enumerate(self._steps) if step.post.out is not None}
        if not posts:  # nothing but logits leaves
            return [Const(0, value.shape()) for value in self.values]
        shifts = {number: (post.shift, post.even) for number, post in posts.items()}
        outs = {number: post.out for number, post in posts.items()}
        step = delayed(m, item["step"], depths.MEMORY, "round_step")
        rounder = Rounder(m, step, shifts, outs)
        width = self._plan.rounded_width
        return [rounder.rounded(total, width, f"value_{lane}") for lane, total in enumerate(totals)]

    def _second(self, m: Module, flags):
        """Return whether a value ends what leaves as one: not so the first one of a pair."""
        if not self._plan.multiplies:
            return Const(1)
        paired = Signal()
        for number, step in enumerate(self._steps):
            if step.post.pairs is not None:
                with m.If(flags["step"] == number):
                    m.d.comb += paired.eq(1)
        second = Signal()
        with m.If(flags["valid"] & paired):
            m.d.sync += second.eq(~second)
        return ~paired | second

    def _multiply(self, m: Module, value, flags, lane: int):
        """Return the product with the value before, where the step's values leave in pairs."""
        logic = lane >= self._plan.products_dsp
        m.submodules[f"products_{lane}"] = products = Products(self._plan, logic=logic)
        m.d.comb += [
            products.value.eq(value),
            products.step.eq(flags["step"]),
            products.take.eq(flags["valid"]),
        ]
        return products.o

    def _look_up(self, m: Module, value, step, lane: int):
        """Return what the current step's table has for the value; itself where it has none."""
        m.submodules[f"table_{lane}"] = table = Table(self._plan)
        m.d.comb += [table.value.eq(value), table.step.eq(step)]
        return table.o

    def _pool(self, m: Module, values, flags) -> None:
        """Keep a running maximum per row in a ring that turns with the serialiser."""
        turns = self._plan.array.rows // self._drain
        least = -(1 << self._plan.value_width - 1)
        if self._plan.leaves_out:
            values = [Mux(flags["beyond"], least, value) for value in values]
        for lane, value in enumerate(values):
            ring = [
                Signal.like(
                    self.values[lane], name=f"ring_{turn * self._drain + lane}", reset_less=True
                )
                for turn in range(turns)
            ]
            best = Signal.like(self.values[lane], name="best")
            m.d.comb += best.eq(Mux(flags["pool_first"], value, larger(value, ring[-1])))
            with m.If(flags["slot"]):
                m.d.sync += Cat(*ring).eq(Cat(best, *ring[:-1]))
            registered(m, self.values[lane], best)
        m.d.sync += [
            self.value_valid.eq(flags["is_value"] & flags["pool_last"]),
            self.value_last.eq(flags["final"]),
        ]
        if self._plan.tells_steps:
            registered(m, self.value_step, flags["step"])


def bias_words(step: Step, drain: int) -> list[tuple[list[int], int]]:
    """Return the biases of what leaves together, and a logit's alignment, in order."""
    rows = step.array.rows
    words = []
    for group in step.bias_words.reshape(-1, rows).tolist():
        take = 1 if step.exact else drain
        words += [(group[i : i + take], 0) for i in range(0, rows, take)]
    if step.exact:
        aligns = step.align_words.tolist()
        words = [(biases, align) for (biases, _), align in zip(words, aligns, strict=True)]
    return words
