"""The accelerator: samples in, class and logits out."""

from __future__ import annotations

from amaranth.hdl import Array as Choice
from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import COUNTER_BITS, Source, core_members
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.engine import Engine
from hwgen.plans.core import CorePlan
from hwgen.plans.shared import IN_FLIGHT


class Accelerator(wiring.Component):
    """The whole network.

    Parameters
    ----------
    plan
        Of the whole.
    front
        The source: samples to words of features.
    engine
        The layers behind it.

    Members
    -------
    samples, abandon, result
        As every accelerator's (`hwgen.hardware.contract.core_members`).

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to the edge that presents the
    result, and from one window to the next.

    Handshake
    ---------
    ``samples.ready`` is low only between windows, when the ones before have not been dealt with.
    ``result`` stands until it is taken; meanwhile up to four windows wait inside.
    """

    def __init__(self, plan: CorePlan, front: Source, engine: Engine):
        self.plan = plan
        self._front, self._engine = front, engine
        super().__init__(core_members(plan))

    def elaborate(self, platform):
        """Return front-end, feature memory, engine, and the account of windows in flight."""
        m = Module()
        m.submodules.front = front = self._front
        m.submodules.engine = engine = self._engine
        wiring.connect(m, wiring.flipped(self.samples), front.samples)
        m.d.comb += front.abandon.eq(self.abandon)
        self._features(m, front, engine)
        present = self._result(m, engine)
        self._account(m, front, engine, present)
        return m

    def _features(self, m: Module, front: Source, engine: Engine) -> None:
        """Feature memory for two windows: one is filled while the other is used."""
        bits = len(front.write.address)
        m.submodules.features = ram = BlockRam(len(front.write.data), 2 << bits)
        write_half, read_half = Signal(), Signal()
        used, full = Signal(range(3)), Signal(range(3))
        begin = Signal()
        # Words at the end that no step reads have no address there.
        address = engine.read_address[:bits]
        m.d.comb += [
            ram.write_enable.eq(front.write.enable),
            ram.write_address.eq(Cat(front.write.address, write_half)),
            ram.write_data.eq(front.write.data),
            ram.read_address.eq(Cat(address, Const(0, bits - len(address)), read_half)),
            engine.read_data.eq(ram.read_data),
            front.room.eq(used != 2),
            begin.eq(engine.start & ~engine.busy),
        ]
        m.d.sync += used.eq(used + front.begin - engine.consumed)
        if engine.plan.ahead:
            self._early(m, front, engine, full, begin)
        else:
            m.d.comb += engine.start.eq(full != 0)
            m.d.sync += full.eq(full + front.done - begin)
        with m.If(front.done):
            m.d.sync += write_half.eq(~write_half)
        with m.If(engine.consumed):
            m.d.sync += read_half.eq(~read_half)

    def _early(self, m: Module, front: Source, engine: Engine, full, begin) -> None:
        """Let the engine begin with a window of which only some features are there."""
        early = Signal()  # it is at work on the window that is being filled
        now = Signal()
        m.d.comb += [
            engine.start.eq((full != 0) | (front.there != 0)),
            now.eq(begin & (full == 0)),
            engine.ready.eq(Mux(early, front.there, engine.plan.feature_words)),
            engine.abort.eq(early & front.void),
        ]
        m.d.sync += full.eq(full + (front.done & ~early & ~now) - (begin & (full != 0)))
        with m.If(front.done | engine.abort):
            m.d.sync += early.eq(0)
        with m.Elif(now):
            m.d.sync += early.eq(1)

    def _result(self, m: Module, engine: Engine):
        """Hold a result until it is taken; return (finished, dropped, presented now)."""
        owed = Signal()
        dropped = Signal()
        leave = Signal()
        m.d.comb += [
            engine.proceed.eq(~owed),
            leave.eq((self.result.valid & self.result.ready) | (engine.done & dropped)),
            self.result.p.class_.eq(engine.class_),
            self.result.p.logits.eq(engine.logits),
        ]
        m.d.sync += [
            owed.eq(engine.result_begin | (owed & ~leave)),
            self.result.valid.eq(
                (engine.done & ~dropped) | (self.result.valid & ~self.result.ready)
            ),
        ]
        return dropped, leave

    def _account(self, m: Module, front: Source, engine: Engine, present) -> None:
        """Count windows in flight; remember when each was complete and whether it was given up."""
        dropped, leave = present
        flying = Signal(range(IN_FLIGHT + 1))
        newest, oldest = Signal(2), Signal(2)
        now = Signal(COUNTER_BITS)
        began = Signal(COUNTER_BITS, reset_less=True)
        partial = Signal()
        completed = Choice(
            Signal(COUNTER_BITS, name=f"completed_{i}", reset_less=True) for i in range(4)
        )
        given_up = Choice(Signal(name=f"given_up_{i}") for i in range(4))
        # All of this is a cycle late, for what happens at the samples is late in its cycle. Two
        # less than now is what makes up for that and for the edge that presents the result.
        earlier = delayed(m, now, 2, "now")
        taken = self.samples.valid & self.samples.ready
        complete = pulse_delayed(m, front.complete, 1, "complete")
        started = pulse_delayed(m, taken & self.samples.p.first, 1, "started")
        abandon = pulse_delayed(m, self.abandon, 1, "abandon")
        m.d.comb += front.permit.eq((flying + complete) < self.plan.timing.in_flight)
        m.d.sync += [
            now.eq(now + 1),
            flying.eq(flying + complete - leave),
            began.eq(completed[delayed(m, oldest, 1, "oldest")]),
        ]
        # An abandoned window stays the last one that came, however long or often it is abandoned.
        with m.If(complete):
            m.d.sync += partial.eq(0)
        with m.Elif(started):
            m.d.sync += partial.eq(1)
        with m.If(complete):
            m.d.sync += [
                completed[newest].eq(earlier),
                given_up[newest].eq(0),
                newest.eq(newest + 1),
            ]
        # The newest complete window is the last one whose samples came unless one is in progress.
        shared = (
            self.plan.hop < self.plan.input_samples
        )  # windows that overlap are given up together
        give_up = abandon & ~partial  # no window is complete in a cycle that gives it up
        with m.If(give_up & (flying != 0)):
            if shared:
                m.d.sync += [each.eq(1) for each in given_up]
            else:
                m.d.sync += given_up[(newest - 1)[:2]].eq(1)
        only = (flying != 0) if shared else (flying == 1)
        m.d.comb += dropped.eq(given_up[oldest] | (give_up & only))
        with m.If(engine.done):
            m.d.sync += self.result.p.cycles.eq(now - began)
        with m.If(leave):
            m.d.sync += oldest.eq(oldest + 1)
