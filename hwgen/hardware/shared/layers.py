"""Layers that take turns on one MAC array, behind a memory for features of one window or two."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import answer_fields, layers_members
from hwgen.hardware.primitives.memory import BlockRam
from hwgen.hardware.shared.engine import Engine
from hwgen.plans.shared import SharedPlan
from hwgen.plans.sources.source import SourcePlan


class SharedLayers(wiring.Component):
    """Takes words of features into memory; an engine works them off, a window after the other.

    Parameters
    ----------
    plan
        What it is made of.
    front
        The plan of what gives the features.

    Members
    -------
    begin, write, done, room, there, void, known, class_, logits, leave, values,
    threshold, weights, weights_wrong
        As of all layers (`hwgen.hardware.contract.layers_members`).

    Latency
    -------
    The plan's, from the cycle after ``done`` to ``known``.
    """

    def __init__(self, plan: SharedPlan, front: SourcePlan):
        self.plan = plan
        self._front, self._engine = front, Engine(plan)
        super().__init__(layers_members(front, plan))

    def elaborate(self, platform):
        """Return feature memory and engine."""
        m = Module()
        m.submodules.engine = engine = self._engine
        self._features(m, engine)
        owed = Signal()
        m.d.comb += [
            # What is known stands until they have left.
            engine.proceed.eq(~owed),
            self.known.eq(engine.done),
        ]
        if self.plan.squares:
            wiring.connect(m, wiring.flipped(self.threshold), engine.threshold)
        if self.plan.value_stream:
            wiring.connect(m, wiring.flipped(self.values), engine.values)
            m.d.comb += engine.drop.eq(self.leave)
        if self.plan.flash is not None:
            wiring.connect(m, wiring.flipped(self.weights), engine.weights)
            m.d.comb += self.weights_wrong.eq(engine.weights_wrong)
        for name in answer_fields(self.plan):
            m.d.comb += getattr(self, name).eq(getattr(engine, name))
        m.d.sync += owed.eq(engine.result_begin | (owed & ~self.leave))
        return m

    def _features(self, m: Module, engine: Engine) -> None:
        """Feature memory; of two windows one is filled while the other is used."""
        bits, plan = len(self.write.address), self.plan
        m.submodules.features = ram = BlockRam(
            len(self.write.data), plan.features_depth, turns=plan.turns
        )
        if plan.windows == 1:
            write_half = read_half = Const(0, 0)
        else:
            write_half, read_half = Signal(), Signal()
            with m.If(self.done):
                m.d.sync += write_half.eq(~write_half)
            with m.If(engine.consumed):
                m.d.sync += read_half.eq(~read_half)
        used, full = Signal(range(3)), Signal(range(3))
        begin = Signal()
        # Words at the end that no step reads have no address there.
        address = engine.read_address[:bits]
        m.d.comb += [
            ram.write_enable.eq(self.write.enable),
            ram.write_address.eq(Cat(self.write.address, write_half)),
            ram.write_data.eq(self.write.data),
            ram.read_address.eq(Cat(address, Const(0, bits - len(address)), read_half)),
            engine.read_data.eq(ram.read_data),
            self.room.eq(used != plan.windows),
            begin.eq(engine.start & ~engine.busy),
        ]
        m.d.sync += used.eq(used + self.begin - engine.consumed)
        if plan.ahead:
            self._early(m, engine, full, begin)
        else:
            m.d.comb += engine.start.eq(full != 0)
            m.d.sync += full.eq(full + self.done - begin)

    def _early(self, m: Module, engine: Engine, full, begin) -> None:
        """Let the engine begin with a window of which only some features are there."""
        early = Signal()  # it is at work on the window that is being filled
        now = Signal()
        # A window that is given up takes along what is in the pipeline: no answer may be there.
        answering = Signal()
        m.d.sync += answering.eq((answering | engine.result_begin) & ~engine.done)
        m.d.comb += [
            engine.start.eq((full != 0) | ((self.there != 0) & ~answering)),
            now.eq(begin & (full == 0)),
            engine.ready.eq(Mux(early, self.there, engine.plan.feature_words)),
            engine.abort.eq(early & self.void),
        ]
        m.d.sync += full.eq(full + (self.done & ~early & ~now) - (begin & (full != 0)))
        with m.If(self.done | engine.abort):
            m.d.sync += early.eq(0)
        with m.Elif(now):
            m.d.sync += early.eq(1)


LAYERS = SharedLayers
