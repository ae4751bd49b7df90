"""Bins of the real window from the half-length complex transform, two bins a pair of reads."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed, registered
from hwgen.hardware.sources.fft.butterfly import rounded_difference, rounded_sum
from hwgen.hardware.sources.fft.complex_multiplier import ComplexMultiplier
from hwgen.hardware.sources.fft.fft import packed
from hwgen.plans import depths
from hwgen.plans.sources.spectrum import untangle_interval
from hwgen.quantized.ops.spectrum import QuantizedSpectrum


def bin_stream(width: int) -> wiring.Signature:
    """Return a stream of complex bins that cannot be stalled.

    ``mirror`` is high for those that come from the last feature on downwards, low for those from
    the first on upwards; ``last`` marks a window's last, which is one of the latter.
    """
    return wiring.Signature(
        {
            "valid": Out(1),
            "mirror": Out(1),
            "last": Out(1),
            "re": Out(signed(width)),
            "im": Out(signed(width)),
        }
    )


class Untangle(wiring.Component):
    """Reads Z[k] and Z[M-k] for k = 0..M/2 and gives bins M-k and k, from the ends inwards.

    Bins 0 and M only where they are features.

    Parameters
    ----------
    op
        The quantized spectrum.

    Members
    -------
    start
        Begin a window; ignored while ``busy``.
    busy
        High from the cycle after ``start`` until the last read is under way.
    read_address, read_data
        Port of the memory that holds Z in natural order, real part below (2 cycles' latency).
    o
        Bins (`bin_stream`).

    Latency
    -------
    `latency` cycles from ``start`` to bin M; then bins M-k and k in adjacent cycles, a pair every
    two.
    """

    latency = depths.UNTANGLE

    def __init__(self, op: QuantizedSpectrum):
        self._op = op
        width = op.stages[-1].width
        super().__init__(
            {
                "start": In(1),
                "busy": Out(1),
                "read_address": Out(unsigned(max(1, (op.points - 1).bit_length()))),
                "read_data": In(2 * width),
                "o": Out(bin_stream(op.bin_width)),
            }
        )

    @property
    def interval(self) -> int:
        """Cycles a window from ``start`` to the next possible ``start``."""
        return untangle_interval(self._op)

    def elaborate(self, platform):
        """Return the address counter and the pipeline behind the memory."""
        m = Module()
        half = self._op.points // 2
        k = Signal(range(half + 1))
        minus_k = Signal.like(self.read_address)
        second = Signal()  # of a pair's cycles: reads Z[M-k]
        outermost, innermost = Signal(), Signal()  # valid in the second
        m.d.comb += self.read_address.eq(Mux(second, minus_k, k))
        m.d.sync += [outermost.eq(k == 0), innermost.eq(k == half)]
        with m.If(second):
            m.d.sync += [second.eq(0), k.eq(k + 1), minus_k.eq(minus_k - 1)]
            with m.If(innermost):
                m.d.sync += [self.busy.eq(0), k.eq(0), minus_k.eq(0)]
        with m.Elif(self.busy):
            m.d.sync += second.eq(1)
        with m.Elif(self.start):
            m.d.sync += self.busy.eq(1)
        low = second & ~outermost if self._op.bins.all() else second
        self._pipeline(m, k, second, low & ~innermost, second & outermost, second & innermost)
        return m

    def _pipeline(self, m: Module, k, second, low, top, last) -> None:
        """Follow the reads: `second` marks the later of a pair, whose `k` still stands.

        With it `low` says whether bin k is a feature, `top` and `last` whether bin M-k is M or M/2.
        """
        even, odd = self._combine(m)
        table = self._op.untangle
        m.submodules.rom = rom = BlockRam(2 * table.width, len(table.re), packed(table))
        m.submodules.multiplier = multiplier = ComplexMultiplier(
            len(odd[0]), table.width, table.frac_bits, len(odd[0]) + 1
        )
        m.d.comb += [
            rom.read_address.eq(delayed(m, k, depths.COMBINED - rom.latency, "k")),
            multiplier.valid.eq(pulse_delayed(m, second, depths.COMBINED - 1, "pair")),
            multiplier.re.eq(odd[0]),
            multiplier.im.eq(odd[1]),
            multiplier.c.eq(rom.read_data[: table.width].as_signed()),
            multiplier.s.eq(rom.read_data[table.width :].as_signed()),
        ]
        product = multiplier.o_re, multiplier.o_im
        later = [delayed(m, part, multiplier.latency, f"even_{i}") for i, part in enumerate(even)]
        wait = depths.COMBINED - 1 + multiplier.latency
        last = pulse_delayed(m, last, wait, "last")
        high_next = multiplier.o_valid
        if self._op.bins.max() < self._op.points:
            high_next = high_next & ~pulse_delayed(m, top, wait, "top")
        for out, e, t in zip((self.o.re, self.o.im), later, product, strict=True):
            mirror = Signal.like(out, name="mirror", reset_less=True)
            m.d.sync += mirror.eq(e + t)
            registered(m, out, Mux(multiplier.o_valid, e - t, mirror))
        low_next = pulse_delayed(m, low, wait + 1, "mirror_next")
        m.d.sync += [
            self.o.valid.eq(high_next | low_next),
            self.o.mirror.eq(high_next & ~last if self._op.ascending else low_next),
            self.o.last.eq(last),
        ]

    def _combine(self, m: Module):
        """Return even and odd parts: the pair's first value waits a cycle for the second."""
        width = self._op.stages[-1].width
        mirror_re = self.read_data[:width].as_signed()
        mirror_im = self.read_data[width:].as_signed()
        first = Signal(2 * width, reset_less=True)
        m.d.sync += first.eq(self.read_data)
        re, im = first[:width].as_signed(), first[width:].as_signed()
        parts = [
            rounded_sum(re, mirror_re, 1),
            rounded_difference(im, mirror_im, 1),
            rounded_sum(im, mirror_im, 1),
            rounded_difference(mirror_re, re, 1),
        ]
        held = [Signal(signed(width), name=f"part_{i}", reset_less=True) for i in range(4)]
        m.d.sync += Cat(*held).eq(Cat(*(part[:width] for part in parts)))
        return held[:2], held[2:]
