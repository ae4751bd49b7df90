"""The last dense layer while its inputs arrive: products with all classes at once."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.heads.argmax_tree import ArgMaxTree
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.shared.mac_array import registered_sum
from hwgen.hardware.unrolled.constant_matrix import format_shape
from hwgen.hardware.weights.store import store
from hwgen.plans.unrolled.dense import UnrolledDensePlan


class UnrolledDense(wiring.Component):
    """Takes groups of values; each cycle some of them meet their weights of all classes.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    soon, soon_first
        A group comes in two cycles; it is a window's first, and begins anew, whatever came before.
    values
        The group, two cycles after ``soon``.
    o_valid
        High for a cycle when a window's class and logits are known.
    class_, logits
        Stand until the next window's; the class is the first of the largest.

    Latency
    -------
    At most the plan's: cycles from a window's last group (the cycle of ``values``) to ``o_valid``;
    exactly so many where groups do not wait, or come every `interval` cycles of the plan.

    Handshake
    ---------
    The next window's first group comes at least the plan's `gap` cycles after a window's last.
    """

    def __init__(self, plan: UnrolledDensePlan):
        self.plan = plan
        self._op = op = plan.op
        self._argmax = ArgMaxTree(plan.classes, op.out.width)
        super().__init__(
            {
                "soon": In(1),
                "soon_first": In(1),
                "values": In(data.ArrayLayout(format_shape(op.source), plan.group)),
                "o_valid": Out(1),
                "class_": Out(self._argmax.class_.shape()),
                "logits": Out(data.ArrayLayout(signed(op.out.width), plan.classes)),
            }
        )

    def elaborate(self, platform):
        """Return the order of work, the weights, the sums and the arg-max."""
        m = Module()
        plan = self.plan
        load, issue, address, data_in = self._queue(m) if plan.queued else self._follow(m)
        m.submodules.weights = weights = store(plan.weights, BlockRam.latency)
        m.d.comb += weights.read_address.eq(address)
        values = self._beat(m, pulse_delayed(m, load, BlockRam.latency, "load"), data_in)
        terms = self._terms(m, values, weights.read_data)

        late = BlockRam.latency + plan.pipeline - 1
        step = pulse_delayed(m, issue, late, "step")
        clear = pulse_delayed(m, issue & (address == 0), late - 1, "clear")
        end = pulse_delayed(m, issue & (address == plan.words - 1), late + 1, "end")
        totals = [self._total(m, number, term, step, clear) for number, term in enumerate(terms)]
        self._classify(m, totals, end)
        return m

    def _follow(self, m: Module):
        """Work on a group when it comes.

        Return whether a group is new, whether there is work, the weights' address, and the group
        in the cycle in which its first weights are there.
        """
        address = self._address()
        left = Signal(range(max(2, self.plan.beats)))
        issue = Signal()
        here = Mux(self.soon & self.soon_first, 0, address)
        m.d.comb += issue.eq(self.soon | (left != 0))
        with m.If(self.soon):
            m.d.sync += left.eq(self.plan.beats - 1)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(issue):
            m.d.sync += address.eq(here + 1)
        return self.soon, issue, here, Cat(*self.values)

    def _queue(self, m: Module):
        """Work on groups one after the other, out of a memory; return as `_follow`."""
        arrive = pulse_delayed(m, self.soon, BlockRam.latency, "arrive")
        arrive_first = pulse_delayed(m, self.soon & self.soon_first, BlockRam.latency, "first")
        word, groups = self.plan.group * self._op.source.width, self.plan.groups
        m.submodules.queue = ram = BlockRam(word, groups)
        write, read = Signal.like(ram.write_address), Signal.like(ram.read_address)
        here = Mux(arrive_first, 0, write)
        waiting = Signal(range(groups + 1))
        left = Signal(range(max(2, self.plan.beats)))
        address = self._address()
        load, issue = Signal(), Signal()
        m.d.comb += [
            ram.write_enable.eq(arrive),
            ram.write_address.eq(here),
            ram.write_data.eq(Cat(*self.values)),
            ram.read_address.eq(read),
            load.eq((left == 0) & (waiting != 0)),
            issue.eq(load | (left != 0)),
        ]
        m.d.sync += waiting.eq(waiting + arrive - load)
        with m.If(arrive):
            m.d.sync += write.eq(here + 1)
        with m.If(load):
            m.d.sync += [left.eq(self.plan.beats - 1), read.eq(read + 1)]
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(issue):
            m.d.sync += address.eq(address + 1)
        with m.If(arrive_first):
            m.d.sync += [waiting.eq(1), read.eq(0), left.eq(0), address.eq(0)]
        return load, issue, address, ram.read_data

    def _address(self) -> Signal:
        return Signal(range(max(2, self.plan.words)), name="address")

    def _beat(self, m: Module, load, group: Value) -> list[Value]:
        """Return the values of this cycle: a group's first, then those behind it."""
        width, at_once = self._op.source.width, self.plan.values_at_once
        if self.plan.beats > 1:
            held = Signal(len(group) - at_once * width, reset_less=True)
            group = Mux(load, group, held)
            m.d.sync += held.eq(group[at_once * width :])
        values = [group[place * width : (place + 1) * width] for place in range(at_once)]
        return [value.as_signed() for value in values] if self._op.source.signed else values

    def _terms(self, m: Module, values: list[Value], weights: Value) -> list[Value]:
        """Return for each class the sum of this cycle's products."""
        bits = self._op.weight_bits
        width = self.plan.factor_width
        products: list[list[Value]] = [[] for _ in range(self.plan.classes)]
        for place, value in enumerate(values):
            for number in range(self.plan.classes):
                index = place * self.plan.classes + number
                multiplier = Multiplier(width, bits, logic=index >= self.plan.dsp)
                m.submodules[f"multiplier_{place}_{number}"] = multiplier
                m.d.comb += [
                    multiplier.a.eq(value),
                    multiplier.b.eq(weights[index * bits : (index + 1) * bits].as_signed()),
                ]
                products[number].append(multiplier.p)
        return [registered_sum(m, each, f"term_{n}") for n, each in enumerate(products)]

    def _total(self, m: Module, number: int, term: Value, step, clear) -> Value:
        """Return a class's sum, which begins with its bias; shifted to be compared."""
        bias = int(self._op.bias[number])
        total = Signal(
            signed(self.plan.total_widths[number]), name=f"total_{number}", reset_less=True
        )
        with m.If(step):
            m.d.sync += total.eq(total + term)
        with m.If(clear):
            m.d.sync += total.eq(bias)
        return total.shift_left(int(self._op.align[number]))

    def _classify(self, m: Module, totals: list[Value], end) -> None:
        """Compare the logits, and keep them when their class is known."""
        m.submodules.argmax = argmax = self._argmax
        m.d.comb += [
            argmax.valid.eq(end),
            self.o_valid.eq(argmax.o_valid),
            self.class_.eq(argmax.class_),
        ]
        almost = pulse_delayed(m, end, argmax.latency - 1, "almost")
        for number, total in enumerate(totals):
            logit = Signal(signed(len(total)), name=f"logit_{number}", reset_less=True)
            m.d.comb += [argmax.logits[number].eq(total), self.logits[number].eq(logit)]
            with m.If(almost):
                m.d.sync += logit.eq(total)
