"""Samples as they come: rounded, and packed into words."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import delayed, pulse_delayed
from hwgen.hardware.primitives.rounding import divided, saturated
from hwgen.hardware.sources.intake import counted
from hwgen.plans.sources.direct import DirectPlan


class Direct(wiring.Component):
    """Gives every sample as a value; those of several channels take turns.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete, room, begin, write, done, there, void
        As every source's (`hwgen.hardware.contract.source_members`). A window needs ``permit`` and
        room to begin; within one ``samples.ready`` is low only for the pause. The room of a window
        that is given up is the next one's.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high.
    """

    def __init__(self, plan: DirectPlan):
        self.plan = plan
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return the sample counter, the rounding and the word in the making."""
        m = Module()
        taken, first, last = self._count(m)
        value = self._rounded(m)
        flags = (
            pulse_delayed(m, taken, 2, "taken"),
            delayed(m, first, 2, "first"),
            pulse_delayed(m, last, 2, "last"),
        )
        self._pack(m, value, *flags)
        return m

    def _count(self, m: Module):
        """Return whether a sample is taken, begins a window, completes one."""
        reserved, taken = Signal(), Signal()
        free = self._pace(m, taken)
        now, head, last, _ = counted(m, self, self.permit & (self.room | reserved), free)
        m.d.comb += [taken.eq(now), self.begin.eq(now & head & ~reserved)]
        with m.If(now):
            m.d.sync += reserved.eq(~last)
        return now, head, last

    def _pace(self, m: Module, taken):
        """Return whether a sample is far enough behind the one before."""
        pause = self.plan.pause
        if pause == 1:
            return 1
        left, free = Signal(range(pause)), Signal(init=1)
        with m.If(taken):
            m.d.sync += [left.eq(pause - 1), free.eq(0)]
        with m.Elif(left != 0):
            m.d.sync += [left.eq(left - 1), free.eq(left == 1)]
        return free

    def _rounded(self, m: Module):
        """Return the sample divided, halves up, and saturated, two cycles later."""
        op = self.plan.op
        rounded = Signal(signed(op.sample.width + 1), reset_less=True)
        value = Signal(signed(self.plan.value_width), reset_less=True)
        m.d.sync += [
            rounded.eq(divided(self.samples.p.value, op.shift, even=op.even)),
            value.eq(saturated(rounded, op.out)),
        ]
        return value

    def _pack(self, m: Module, value, valid, first, last) -> None:
        """Put a value into its lane; a word that is full, or the window's last, is written."""
        layout = self.plan.layout
        start, lane = divmod(layout.padding, layout.lanes)
        held = Signal(layout.lanes, init=1 << lane)  # of the next value's lane the bit is high
        here = Signal.like(held)
        word = Signal(len(self.write.address))
        address = Signal.like(word)
        fresh, full, progress = Signal(init=1), Signal(), Signal()
        lanes = [
            Signal(self.plan.value_width, name=f"lane_{number}", reset_less=True)
            for number in range(layout.lanes)
        ]
        m.d.comb += [
            here.eq(Mux(first, 1 << lane, held)),
            address.eq(Mux(first, start, word)),
            full.eq(valid & (here[-1] | last)),
            self.write.data.eq(Cat(*lanes)),
        ]
        m.d.sync += [self.write.enable.eq(full), self.write.address.eq(address), self.done.eq(last)]
        with m.If(valid):
            for each, mine in zip(lanes, here, strict=True):
                m.d.sync += each.eq(Mux(mine, value, Mux(fresh | first, 0, each)))
            m.d.sync += [held.eq(here.rotate_left(1)), word.eq(address + full), fresh.eq(full)]
            # A window's first words may be worked on while the others come.
            m.d.sync += [
                progress.eq(~last),
                self.there.eq(Mux(last, 0, Mux(first, 0, self.there) + full)),
            ]
        m.d.comb += self.void.eq(valid & first & progress)


PART = Direct
