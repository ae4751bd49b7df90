"""Values for the user: they wait in memory, and leave one by one."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import value_layout
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.primitives.queue import Queue
from hwgen.plans.value_stream import QUEUE, ValueStreamPlan


class ValueStream(wiring.Component):
    """Takes values as they come, of one window after the other; gives each window's whole.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    room
        There is a place for another window's values.
    begin
        It is taken. Never without ``room``.
    write, values
        The next values of an output, in its order: a bit of ``write`` for each output.
    known
        High for a cycle, with a window's last values or behind them: they may leave.
    drop
        With ``known``: they are not to.
    abort
        The window that was begun last, and is not known, is given up.
    o
        The values of one window after the other, its outputs one behind the other: value, and
        whether it is a window's first or last (`hwgen.hardware.contract.value_layout`).

    Latency
    -------
    `hwgen.plans.depths.VALUE` cycles from the one behind ``known`` to the first value, then
    a value a cycle; the plan's `held` from ``known`` to ``room``.

    Handshake
    ---------
    ``o`` holds what it offers until it is taken, for as long as that may be; ``room`` is low then.
    """

    def __init__(self, plan: ValueStreamPlan):
        self.plan = plan
        super().__init__(
            {
                "room": Out(1),
                "begin": In(1),
                "write": In(len(plan.counts)),
                "values": In(data.ArrayLayout(signed(plan.width), plan.at_once)),
                "known": In(1),
                "drop": In(1),
                "abort": In(1),
                "o": Out(stream.Signature(value_layout(plan.width))),
            }
        )

    def elaborate(self, platform):
        """Return the memory, who writes and who reads it."""
        m = Module()
        self._ram = BlockRam(self.plan.at_once * self.plan.width, self.plan.depth)
        m.submodules.ram = self._ram
        # Of either place: a window has it, its values may leave, or are not to.
        taken, full, dropped = Signal(2), Signal(2), Signal(2)
        begun, coming, leaving = Signal(), Signal(), Signal()  # which place
        left = Signal()  # the values that leave have all been read, or are not to be
        m.d.comb += self.room.eq(~taken.bit_select(begun, 1))
        with m.If(left):
            m.d.sync += [
                taken.bit_select(leaving, 1).eq(0),
                full.bit_select(leaving, 1).eq(0),
                leaving.eq(~leaving),
            ]
        with m.If(self.begin):
            m.d.sync += [taken.bit_select(begun, 1).eq(1), begun.eq(~begun)]
        with m.If(self.known):
            m.d.sync += [
                full.bit_select(coming, 1).eq(1),
                dropped.bit_select(coming, 1).eq(self.drop),
                coming.eq(~coming),
            ]
        with m.If(self.abort):
            m.d.sync += [taken.bit_select(coming, 1).eq(0), begun.eq(coming)]
        self._write(m, coming)
        void = dropped.bit_select(leaving, 1)
        there = full.bit_select(leaving, 1)
        word = self._read(m, leaving, there & ~void, there & void, left)
        self._unpack(m, word)
        return m

    def _write(self, m: Module, coming: Signal) -> None:
        """Put each output's values where they belong: an output has always as many a window."""
        plan, base = self.plan, 0
        m.d.comb += [
            self._ram.write_enable.eq(self.write.any()),
            self._ram.write_data.eq(self.values.as_value()),
        ]
        for number, count in enumerate(plan.counts):
            words = count // plan.at_once
            begins = base, plan.words + base
            at = Signal(range(plan.depth), init=base, name=f"at_{number}")
            with m.If(self.write[number]):
                m.d.comb += self._ram.write_address.eq(at)
                m.d.sync += at.eq(at + 1)
                for begin, other in (begins, begins[::-1]):
                    with m.If(at == begin + words - 1):
                        m.d.sync += at.eq(other)
            with m.If(self.abort):
                m.d.sync += at.eq(Mux(coming, begins[1], begins[0]))
            base += words

    def _read(self, m: Module, leaving: Signal, there, void, left: Signal) -> Queue:
        """Read a window's words as long as there is room for them; return what they come from."""
        plan = self.plan
        m.submodules.queue = queue = Queue(plan.at_once * plan.width + 2, QUEUE)
        at = Signal(range(plan.depth))
        first = Signal(init=1)
        issue, last = Signal(), Signal()
        m.d.comb += [
            issue.eq(there & queue.room),
            last.eq((at == plan.words - 1) | (at == plan.depth - 1)),
            left.eq((issue & last) | void),
            self._ram.read_address.eq(at),
            queue.claim.eq(issue),
            queue.put.eq(pulse_delayed(m, issue, BlockRam.latency, "coming")),
            queue.value.eq(
                Cat(
                    delayed(m, first, BlockRam.latency, "first"),
                    delayed(m, last, BlockRam.latency, "last"),
                    self._ram.read_data,
                )
            ),
        ]
        with m.If(issue):
            m.d.sync += [at.eq(at + 1), first.eq(0)]
        with m.If(left):
            # The other place.
            m.d.sync += [at.eq(Mux(leaving, 0, plan.words)), first.eq(1)]
        return queue

    def _unpack(self, m: Module, queue: Queue) -> None:
        """Offer a word's values one behind the other."""
        lanes, width = self.plan.at_once, self.plan.width
        lane = Signal(range(max(2, lanes)))
        moves, begins, ends = Signal(), Signal(), Signal()
        m.d.comb += [
            moves.eq(queue.there & (~self.o.valid | self.o.ready)),
            begins.eq(lane == 0),
            ends.eq(lane == lanes - 1),
            queue.take.eq(moves & ends),
        ]
        with m.If(moves):
            m.d.sync += lane.eq(Mux(ends, 0, lane + 1))
        offered = Signal.like(self.o.p, reset_less=True)
        m.d.comb += self.o.p.eq(offered)
        with m.If(~self.o.valid | self.o.ready):
            m.d.sync += [
                self.o.valid.eq(queue.there),
                offered.value.eq(queue.word[2:].word_select(lane, width)),
                offered.first.eq(queue.word[0] & begins),
                offered.last.eq(queue.word[1] & ends),
            ]
