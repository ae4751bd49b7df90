"""A source with the first layers behind it, which work while samples come."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.hardware.shared.packer import Packer
from hwgen.hardware.sources.part import source
from hwgen.hardware.unrolled.conv import UnrolledConv
from hwgen.plans.sources.unrolled import UnrolledSourcePlan


class UnrolledSource(wiring.Component):
    """Gives the values of a convolution and its pooling as features.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete, room, begin, write, done
        As every source's (`hwgen.hardware.contract.source_members`).

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high.
    """

    def __init__(self, plan: UnrolledSourcePlan):
        self.plan = plan
        self._inner, self._conv = source(plan.inner), UnrolledConv(plan.conv)
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return source, convolution, and what packs their values."""
        m = Module()
        plan = self.plan
        m.submodules.inner = inner = self._inner
        m.submodules.conv = conv = self._conv
        wiring.connect(m, wiring.flipped(self.samples), inner.samples)
        first = plan.inner.layout.first_word
        m.d.comb += [
            inner.abandon.eq(self.abandon),
            inner.permit.eq(self.permit),
            inner.room.eq(self.room),
            self.complete.eq(inner.complete),
            self.begin.eq(inner.begin),
            conv.valid.eq(inner.write.enable),
            conv.first.eq(inner.first if plan.inner.accumulates else inner.write.address == first),
            conv.last.eq(inner.done),
            conv.values.eq(inner.write.data),
            self.done.eq(pulse_delayed(m, inner.done, plan.behind, "done")),
        ]
        self._pack(m, conv)
        return m

    def _pack(self, m: Module, conv: UnrolledConv) -> None:
        """Pack a group's values, some in each cycle, until the next group comes."""
        plan, width = self.plan, self.plan.conv.op.out.width
        m.submodules.packer = packer = Packer(
            (plan.layout,), plan.value_width, at_once=plan.at_once
        )
        step = plan.at_once * width
        held = Signal(plan.conv.group * width, reset_less=True)
        left, last = Signal(range(plan.beats + 1)), Signal()
        with m.If(conv.o_valid):
            m.d.sync += [
                held.eq(Cat(*conv.o_values)),
                left.eq(Mux(conv.o_last, plan.last_beats, plan.beats)),
                last.eq(conv.o_last),
            ]
        with m.Elif(left != 0):
            m.d.sync += [held.eq(held[step:]), left.eq(left - 1)]
        values = [held[place * width : (place + 1) * width] for place in range(plan.at_once)]
        m.d.comb += [
            packer.begin.eq(conv.o_valid & conv.o_first),
            packer.valid.eq(left != 0),
            packer.values.eq(Cat(*(self._extended(m, value) for value in values))),
            packer.last.eq(last & (left == 1)),
            self.write.enable.eq(packer.write.enable),
            self.write.address.eq(packer.write.address),
            self.write.data.eq(packer.write.data),
        ]

    def _extended(self, m: Module, value):
        """Return a value in as many bits as values have in memory."""
        extended = Signal(self.plan.value_width)
        signed = self.plan.conv.op.out.signed
        m.d.comb += extended.eq(value.as_signed() if signed else value)
        return extended


PART = UnrolledSource
