"""The spectrum by FFT: samples in, words of features out."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import BlockRam, registered
from hwgen.hardware.shared.packer import MirrorPacker
from hwgen.hardware.sources.fft.fft import StreamingFft
from hwgen.hardware.sources.fft.intake import Intake
from hwgen.hardware.sources.fft.magnitude import Magnitude
from hwgen.hardware.sources.fft.untangle import Untangle
from hwgen.plans.sources.spectrum import SpectrumPlan


class SpectrumFrontEnd(wiring.Component):
    """FFT, untangling and magnitude of one window after the other.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete
        As in `Intake`. Whoever permits a window to begin guarantees that the untangling of the
        one two before it has ended when its transform comes out.
    room
        Whether the feature memory has room for a window.
    begin
        High in the cycle in which that room is taken.
    write, done
        Words of features; ``done`` comes with a window's last.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high, when there
    is room.
    """

    def __init__(self, plan: SpectrumPlan):
        self.plan = plan
        self._op = plan.op
        self._fft = StreamingFft(plan.op.stages, plan.op.sample.width)
        self._untangle = Untangle(plan.op)
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return the chain, with a memory for two windows between FFT and untangling."""
        m = Module()
        m.submodules.intake = intake = Intake(self._op.window, self._op.sample.width)
        m.submodules.fft = self._fft
        m.submodules.untangle = untangle = self._untangle
        m.submodules.magnitude = magnitude = Magnitude(self._op)
        m.submodules.packer = packer = MirrorPacker(self.plan.layout, self.plan.value_width)
        wiring.connect(m, wiring.flipped(self.samples), intake.i)
        wiring.connect(m, intake.o, self._fft.i)
        wiring.connect(m, untangle.o, magnitude.i)
        m.d.comb += [
            intake.abandon.eq(self.abandon),
            intake.permit.eq(self.permit),
            self.complete.eq(intake.complete),
            packer.i.valid.eq(magnitude.o.valid),
            packer.i.mirror.eq(magnitude.o.mirror),
            packer.i.last.eq(magnitude.o.last),
            packer.i.value.eq(magnitude.o.value),
            self.done.eq(packer.done),
        ]
        wiring.connect(m, packer.write, wiring.flipped(self.write))
        self._transforms(m, untangle)
        return m

    def _transforms(self, m: Module, untangle: Untangle) -> None:
        """Store transforms in natural order, two of them, and start the untangling of each."""
        op, result = self._op, self._fft.o
        bits = op.points.bit_length() - 1
        m.submodules.transforms = ram = BlockRam(2 * len(result.re), 2 * op.points)
        index = Signal(bits)
        now = Signal(bits)
        write_half, read_half = Signal(), Signal()
        stored = Signal()
        waiting = Signal(range(4))
        m.d.comb += now.eq(Mux(result.first, 0, index))
        registered(m, ram.write_address, Cat(now[::-1], write_half))  # bit-reversed order
        registered(m, ram.write_data, Cat(result.re, result.im))
        m.d.sync += [
            ram.write_enable.eq(result.valid),
            stored.eq(result.valid & (now == op.points - 1)),
        ]
        with m.If(result.valid):
            m.d.sync += index.eq(now + 1)
            with m.If(now == op.points - 1):
                m.d.sync += write_half.eq(~write_half)
        m.d.comb += [
            self.begin.eq((waiting != 0) & ~untangle.busy & self.room),
            untangle.start.eq(self.begin),
            ram.read_address.eq(Cat(untangle.read_address, read_half)),
            untangle.read_data.eq(ram.read_data),
        ]
        m.d.sync += waiting.eq(waiting + stored - self.begin)
        was_busy = Signal()
        m.d.sync += was_busy.eq(untangle.busy)
        with m.If(was_busy & ~untangle.busy):
            m.d.sync += read_half.eq(~read_half)


PART = SpectrumFrontEnd
