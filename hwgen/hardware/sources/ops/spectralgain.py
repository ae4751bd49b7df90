"""Gains of a window's bins: samples in, words of filtered samples out."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.primitives.rounding import divided, saturated
from hwgen.hardware.shared.packer import Packer
from hwgen.hardware.sources.fft.intake import Intake
from hwgen.hardware.sources.gains.values import Values
from hwgen.hardware.sources.gains.walk import Walk, steps
from hwgen.plans import depths
from hwgen.plans.sources.spectralgain import SpectralGainPlan


class SpectralGain(wiring.Component):
    """Keeps a window, transforms it, multiplies its bins, transforms it back, gives its samples.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete, room, begin, write, done
        As every source's (`hwgen.hardware.contract.source_members`). A window needs ``permit`` to
        begin, and that work on the one before it has begun; within one ``samples.ready`` is never
        low. Room is asked for when filtered samples are there.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high, when no
    other is worked on and there is room.
    """

    def __init__(self, plan: SpectralGainPlan):
        self.plan, self._op = plan, plan.op
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return both memories' surroundings, and the way out."""
        m = Module()
        op = self._op
        m.submodules.walk = walk = Walk(op)
        m.submodules.values = values = Values(op)
        m.submodules.window = window = BlockRam(2 * op.sample.width, op.points)
        waiting = Signal()
        self._take(m, window, waiting)
        m.d.sync += waiting.eq(self.complete | (waiting & ~walk.idle))
        m.d.comb += [
            walk.start.eq(waiting),
            walk.room.eq(self.room),
            self.begin.eq(walk.begin),
            window.read_address.eq(walk.read_address),
            values.pair.eq(window.read_data),
            *(getattr(values, name).eq(getattr(walk, name)) for name in steps(op)),
        ]
        self._leave(m, walk, values)
        return m

    def _take(self, m: Module, window: BlockRam, waiting) -> None:
        """Put pairs of samples into memory."""
        m.submodules.intake = intake = Intake(self._op.window, self._op.sample.width)
        wiring.connect(m, wiring.flipped(self.samples), intake.i)
        index = Signal.like(window.write_address)
        m.d.comb += [
            intake.abandon.eq(self.abandon),
            # The one before must be on its way: none of its pairs is then written over unread.
            intake.permit.eq(self.permit & ~waiting),
            self.complete.eq(intake.complete),
            window.write_enable.eq(intake.o.valid),
            window.write_address.eq(Mux(intake.o.first, 0, index)),
            window.write_data.eq(Cat(intake.o.re, intake.o.im)),
        ]
        with m.If(intake.o.valid):
            m.d.sync += index.eq(window.write_address + 1)

    def _leave(self, m: Module, walk: Walk, values: Values) -> None:
        """Round samples, and pack them: the earlier of two is the swapped value's upper part."""
        op = self._op
        later = delayed(m, walk.phase, depths.MEMORY, "later")
        part = Mux(later, values.o[: op.width], values.o[op.width :]).as_signed()
        rounded = Signal(signed(max(op.width - op.shift, 1) + 1), reset_less=True)
        value = Signal(signed(op.out.width), reset_less=True)
        m.d.sync += [
            rounded.eq(divided(part, op.shift)),
            value.eq(saturated(rounded, op.out)),
        ]
        # The walk's steps are a cycle behind its count.
        after = depths.GAIN_VALUE - 1
        m.submodules.packer = packer = Packer((self.plan.layout,), self.plan.value_width)
        wiring.connect(m, packer.write, wiring.flipped(self.write))
        last = pulse_delayed(m, walk.last, after, "last")
        m.d.comb += [
            packer.begin.eq(self.begin),
            packer.valid.eq(pulse_delayed(m, walk.leaving, after, "leaving")),
            packer.values.eq(value),
            packer.last.eq(last),
            self.done.eq(pulse_delayed(m, last, packer.latency, "done")),
        ]


PART = SpectralGain
