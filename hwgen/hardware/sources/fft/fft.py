"""The streaming FFT: butterfly stages and twiddle multiplications in a row."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.sources.fft.butterfly import Butterfly, complex_stream
from hwgen.hardware.sources.fft.complex_multiplier import ComplexMultiplier
from hwgen.plans import depths
from hwgen.plans.sources.spectrum import chain, fft_latency
from hwgen.quantized.fft import Stage, Twiddles


class TwiddleMultiplier(wiring.Component):
    """Multiplies each value of a window by the next entry of a table, which repeats.

    Parameters
    ----------
    table
        Twiddle factors.
    width, out_width
        Bits of each part, in and out.

    Members
    -------
    i, o
        Complex streams.

    Latency
    -------
    7 cycles: the table's ROM, then the multiplier.
    """

    latency = depths.TWIDDLES

    def __init__(self, table: Twiddles, width: int, out_width: int):
        self._table = table
        super().__init__({"i": In(complex_stream(width)), "o": Out(complex_stream(out_width))})

    def elaborate(self, platform):
        """Return index, ROM and multiplier."""
        m = Module()
        bits = self._table.width
        m.submodules.rom = rom = BlockRam(2 * bits, len(self._table.re), packed(self._table))
        m.submodules.multiplier = multiplier = ComplexMultiplier(
            len(self.i.re), bits, self._table.frac_bits, len(self.o.re)
        )
        index = Signal(range(len(self._table.re)))
        now = Signal.like(index)
        m.d.comb += [now.eq(Mux(self.i.first, 0, index)), rom.read_address.eq(now)]
        with m.If(self.i.valid):
            m.d.sync += index.eq(now + 1)
        m.d.comb += [
            multiplier.valid.eq(pulse_delayed(m, self.i.valid, rom.latency, "valid")),
            multiplier.re.eq(delayed(m, self.i.re, rom.latency, "re")),
            multiplier.im.eq(delayed(m, self.i.im, rom.latency, "im")),
            multiplier.c.eq(rom.read_data[:bits].as_signed()),
            multiplier.s.eq(rom.read_data[bits:].as_signed()),
            self.o.valid.eq(multiplier.o_valid),
            self.o.first.eq(pulse_delayed(m, self.i.first & self.i.valid, self.latency, "first")),
            self.o.re.eq(multiplier.o_re),
            self.o.im.eq(multiplier.o_im),
        ]
        return m


class StreamingFft(wiring.Component):
    """A complex FFT of `points` values, natural order in, bit-reversed order out.

    Parameters
    ----------
    stages
        As `hwgen.quantized.fft.plan` made them.
    sample_width
        Bits of each part of the input, signed.

    Members
    -------
    i, o
        Complex streams, values at least two cycles apart; a window's results leave on their own.

    Latency
    -------
    From a window's last value to its first result: `latency` cycles; its last result comes
    ``2 * (points - 1)`` cycles after its first.
    """

    def __init__(self, stages: tuple[Stage, ...], sample_width: int):
        self._stages = stages
        self._sample_width = sample_width
        super().__init__(
            {"i": In(complex_stream(sample_width)), "o": Out(complex_stream(stages[-1].width))}
        )

    @property
    def latency(self) -> int:
        """Cycles from a window's last value to its first result."""
        return fft_latency(self._stages)

    def elaborate(self, platform):
        """Return the chain."""
        m = Module()
        points = 2 * self._stages[0].span
        source = wiring.flipped(self.i)
        for number, (stage, width, grown) in enumerate(chain(self._stages, self._sample_width)):
            m.submodules[f"butterfly_{number}"] = butterfly = Butterfly(stage, width, grown, points)
            wiring.connect(m, source, butterfly.i)
            source = butterfly.o
            if stage.twiddles is not None:
                table = TwiddleMultiplier(stage.twiddles, grown, stage.width)
                m.submodules[f"twiddles_{number}"] = table
                wiring.connect(m, source, table.i)
                source = table.o
        wiring.connect(m, source, wiring.flipped(self.o))
        return m


def packed(table: Twiddles) -> list[int]:
    """Return ROM words: the cosine's bits below, the sine's above."""
    mask = (1 << table.width) - 1
    return [
        (int(re) & mask) | (int(im) & mask) << table.width
        for re, im in zip(table.re, table.im, strict=True)
    ]
