"""The last dense layer while its inputs arrive: products with all classes at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.fixedpoint import signed_width
from hwgen.hardware.heads.argmax_tree import ArgMaxTree
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.shared.mac_array import levels, registered_sum
from hwgen.hardware.unrolled.constant_matrix import format_shape
from hwgen.plans.constants.adder_graph import Span, row_span
from hwgen.quantized.ops.dense import QuantizedDense


class UnrolledDense(wiring.Component):
    """Takes groups of values; each cycle some of them meet their weights of all classes.

    Parameters
    ----------
    op
        The last layer.
    order
        For each value of a window, in the order of arrival, its place in the flattened input;
        None for a value that counts for nothing. Every place is there once.
    group
        Values that arrive together.
    interval
        Least cycles from one group to the next of a window.
    values_at_once
        Values that are multiplied in a cycle; divides `group`. Where a group takes longer than
        `interval`, groups wait in a memory.
    dsp
        Multipliers that are DSP cells; the others are logic.

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
    At most `latency` cycles from a window's last group (the cycle of ``values``) to ``o_valid``;
    exactly so many where groups do not wait, or come every `interval` cycles.

    Handshake
    ---------
    The next window's first group comes at least `gap` cycles after a window's last.

    Raises
    ------
    TypeError, ValueError
        If the parameters do not fit each other.
    """

    def __init__(
        self,
        op: QuantizedDense,
        order: Sequence[int | None],
        group: int,
        *,
        interval: int = 1,
        values_at_once: int,
        dsp: int,
    ):
        positive("group", group)
        positive("interval", interval)
        positive("dsp", dsp, 0)
        if group % positive("values_at_once", values_at_once):
            raise ValueError(f"values_at_once must divide group ({group}), not {values_at_once}")
        if not op.last:
            raise ValueError("op must be the last layer, not a hidden one")
        if sorted(place for place in order if place is not None) != list(range(op.weight.shape[1])):
            raise ValueError("order must have every place of the input once")
        if len(order) % group:
            raise ValueError(f"order must be whole groups of {group}, not {len(order)} values")
        self._op, self._order, self._group = op, tuple(order), group
        self._interval, self._at_once, self._dsp = interval, values_at_once, dsp
        self.classes = len(op.weight)
        self._argmax = ArgMaxTree(self.classes, op.out.width)
        super().__init__(
            {
                "soon": In(1),
                "soon_first": In(1),
                "values": In(data.ArrayLayout(format_shape(op.source), group)),
                "o_valid": Out(1),
                "class_": Out(self._argmax.class_.shape()),
                "logits": Out(data.ArrayLayout(signed(op.out.width), self.classes)),
            }
        )

    @property
    def multipliers(self) -> int:
        """Multipliers, DSP cells and logic."""
        return self._at_once * self.classes

    @property
    def _groups(self) -> int:
        return len(self._order) // self._group

    @property
    def _beats(self) -> int:
        """Cycles that a group takes."""
        return self._group // self._at_once

    @property
    def queued(self) -> bool:
        """Whether groups wait in a memory."""
        return self._beats > self._interval

    @property
    def _wait(self) -> int:
        """Most cycles from the last group to its first products."""
        if not self.queued:
            return 0
        return 1 + BlockRam.latency + (self._groups - 1) * (self._beats - self._interval)

    @property
    def _pipeline(self) -> int:
        """Cycles from values to their part of a sum."""
        return Multiplier.latency + levels(self._at_once) + 1

    @property
    def latency(self) -> int:
        """Most cycles from a window's last group to ``o_valid``."""
        return self._wait + self._beats - 1 + self._pipeline + self._argmax.latency

    @property
    def gap(self) -> int:
        """Least cycles from a window's last group to the next one's first."""
        early = 1 + BlockRam.latency if self.queued else 0
        return self._wait - early + self._beats + self._argmax.latency

    @property
    def weight_words(self) -> tuple[int, ...]:
        """The ROM: for each cycle the weights of its values, class by class for each value."""
        bits = self._op.weight_bits
        padded = np.concatenate([self._op.weight, np.zeros((self.classes, 1), dtype=np.int64)], 1)
        places = [-1 if place is None else place for place in self._order]
        table = padded[:, places].T.reshape(-1, self._at_once * self.classes)
        mask = (1 << bits) - 1
        return tuple(
            sum((int(weight) & mask) << (place * bits) for place, weight in enumerate(row))
            for row in table
        )

    def elaborate(self, platform):
        """Return the order of work, the weights, the sums and the arg-max."""
        m = Module()
        load, issue, address, data_in = self._queue(m) if self.queued else self._follow(m)
        words = len(self._order) // self._at_once
        m.submodules.weights = rom = BlockRam(
            self.multipliers * self._op.weight_bits, words, self.weight_words
        )
        m.d.comb += rom.read_address.eq(address)
        values = self._beat(m, pulse_delayed(m, load, rom.latency, "load"), data_in)
        terms = self._terms(m, values, rom.read_data)

        late = rom.latency + self._pipeline - 1
        step = pulse_delayed(m, issue, late, "step")
        clear = pulse_delayed(m, issue & (address == 0), late - 1, "clear")
        end = pulse_delayed(m, issue & (address == words - 1), late + 1, "end")
        totals = [self._total(m, number, term, step, clear) for number, term in enumerate(terms)]
        self._classify(m, totals, end)
        return m

    def _follow(self, m: Module):
        """Work on a group when it comes.

        Return whether a group is new, whether there is work, the weights' address, and the group
        in the cycle in which its first weights are there.
        """
        address = self._address()
        left = Signal(range(max(2, self._beats)))
        issue = Signal()
        here = Mux(self.soon & self.soon_first, 0, address)
        m.d.comb += issue.eq(self.soon | (left != 0))
        with m.If(self.soon):
            m.d.sync += left.eq(self._beats - 1)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(issue):
            m.d.sync += address.eq(here + 1)
        return self.soon, issue, here, Cat(*self.values)

    def _queue(self, m: Module):
        """Work on groups one after the other, out of a memory; return as `_follow`."""
        arrive = pulse_delayed(m, self.soon, BlockRam.latency, "arrive")
        arrive_first = pulse_delayed(m, self.soon & self.soon_first, BlockRam.latency, "first")
        m.submodules.queue = ram = BlockRam(self._group * self._op.source.width, self._groups)
        write, read = Signal.like(ram.write_address), Signal.like(ram.read_address)
        here = Mux(arrive_first, 0, write)
        waiting = Signal(range(self._groups + 1))
        left = Signal(range(max(2, self._beats)))
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
            m.d.sync += [left.eq(self._beats - 1), read.eq(read + 1)]
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(issue):
            m.d.sync += address.eq(address + 1)
        with m.If(arrive_first):
            m.d.sync += [waiting.eq(1), read.eq(0), left.eq(0), address.eq(0)]
        return load, issue, address, ram.read_data

    def _address(self) -> Signal:
        return Signal(range(max(2, len(self._order) // self._at_once)), name="address")

    def _beat(self, m: Module, load, group: Value) -> list[Value]:
        """Return the values of this cycle: a group's first, then those behind it."""
        width = self._op.source.width
        if self._beats > 1:
            held = Signal(len(group) - self._at_once * width, reset_less=True)
            group = Mux(load, group, held)
            m.d.sync += held.eq(group[self._at_once * width :])
        values = [group[place * width : (place + 1) * width] for place in range(self._at_once)]
        return [value.as_signed() for value in values] if self._op.source.signed else values

    def _terms(self, m: Module, values: list[Value], weights: Value) -> list[Value]:
        """Return for each class the sum of this cycle's products."""
        bits = self._op.weight_bits
        width = self._op.source.width + (not self._op.source.signed)
        products: list[list[Value]] = [[] for _ in range(self.classes)]
        for place, value in enumerate(values):
            for number in range(self.classes):
                index = place * self.classes + number
                multiplier = Multiplier(width, bits, logic=index >= self._dsp)
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
        span = row_span(
            self._op.weight[number], Span(self._op.source.min, self._op.source.max), free=True
        )
        span = span.plus(Span(bias, bias))
        total = Signal(
            signed(signed_width(span.low, span.high)), name=f"total_{number}", reset_less=True
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
