"""The front-end: samples in, words of features out."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, registered
from hwgen.hardware.shared.packer import MirrorPacker, write_port
from hwgen.hardware.sources.fft.fft import StreamingFft
from hwgen.hardware.sources.fft.intake import Intake, sample_layout
from hwgen.hardware.sources.fft.magnitude import Magnitude
from hwgen.hardware.sources.fft.untangle import Untangle
from hwgen.plans.layout import Layout
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

_SHORT_WINDOW = 512
"""Below this many samples a window is shorter than the pipelines behind it."""


class SpectrumFrontEnd(wiring.Component):
    """FFT, untangling and magnitude of one window after the other.

    Parameters
    ----------
    op
        The quantized spectrum.
    layout
        Of the features in memory.
    value_width
        Bits of a feature in memory; features are unsigned and extended with zeros.

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
    `latency` cycles from the edge that takes a window's last sample to ``done`` high, when there
    is room.
    """

    def __init__(self, op: QuantizedSpectrum, layout: Layout, value_width: int):
        self._op = op
        self._layout = layout
        self.input_samples = self.hop = op.window
        self.adc_bits = op.sample.width
        self._fft = StreamingFft(op.stages, op.sample.width)
        self._untangle = Untangle(op)
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(op.sample.width))),
                "abandon": In(1),
                "permit": In(1),
                "complete": Out(1),
                "room": In(1),
                "begin": Out(1),
                "write": Out(write_port(value_width * layout.lanes, layout.last_word + 1)),
                "done": Out(1),
            }
        )

    @property
    def transform_latency(self) -> int:
        """Cycles from the edge that takes the last sample until the transform can be read."""
        last_result = 2 * (self._op.points - 1)
        return Intake.latency + self._fft.latency + last_result + 2

    @property
    def latency(self) -> int:
        """Cycles from the edge that takes a window's last sample to ``done`` high."""
        pairs = self._op.points // 2
        tail = Magnitude.latency + MirrorPacker.latency
        return self.transform_latency + self._untangle.latency + 2 * pairs + tail

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each step, in order; they add up to `latency`."""
        transform = self.transform_latency
        return {"FFT": transform, "magnitude": self.latency - transform}

    @property
    def pause(self) -> int:
        """Cycles from one sample of a window to the next possible one."""
        return 1

    @property
    def lead(self) -> int:
        """Cycles from the sample that needs ``permit``, a window's first, to its last."""
        return self._op.window

    @property
    def in_flight(self) -> int:
        """Windows that may have been taken whole without being done with.

        Three ago must be done with when the transform of a window comes out, which for a window
        shorter than the pipelines is only sure when two ago is done with before it begins.
        """
        return 4 if self._op.window >= _SHORT_WINDOW else 2

    @property
    def interval(self) -> int:
        """Cycles a window."""
        return max(self._op.window, self._untangle.interval)

    def elaborate(self, platform):
        """Return the chain, with a memory for two windows between FFT and untangling."""
        m = Module()
        m.submodules.intake = intake = Intake(self._op.window, self._op.sample.width)
        m.submodules.fft = self._fft
        m.submodules.untangle = untangle = self._untangle
        m.submodules.magnitude = magnitude = Magnitude(self._op)
        value_width = len(self.write.data) // self._layout.lanes
        m.submodules.packer = packer = MirrorPacker(self._layout, value_width)
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
