"""Samples in, pairs of samples out, and where a window begins and ends."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.contract import sample_layout
from hwgen.hardware.sources.fft.butterfly import complex_stream
from hwgen.plans import depths


class Intake(wiring.Component):
    """Takes one sample a cycle and gives them as complex values: even samples re, odd ones im.

    Parameters
    ----------
    window
        Samples a window.
    adc_bits
        Bits of a sample, signed.

    Members
    -------
    i
        Samples. One marked ``first`` begins a window, and gives up the one in progress if that is
        not complete; samples before the first such one are dropped.
    abandon
        While high, the window in progress is given up.
    permit
        Whether a window may begin. ``i.ready`` is low only between windows, never in one.
    o
        Pairs (`complex_stream`), registered.
    complete
        High in the cycle that takes a window's last sample.

    Latency
    -------
    1 cycle from a pair's second sample.

    Raises
    ------
    TypeError, ValueError
        If the window is no even number of samples, or the sample too narrow.
    """

    latency = depths.INTAKE

    def __init__(self, window: int, adc_bits: int):
        self._window = positive("window", window, 2)
        if window % 2:
            raise ValueError(f"window must be even, not {window}")
        positive("adc_bits", adc_bits, 2)
        super().__init__(
            {
                "i": In(stream.Signature(sample_layout(adc_bits))),
                "abandon": In(1),
                "permit": In(1),
                "o": Out(complex_stream(adc_bits)),
                "complete": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return the sample counter and the even sample's register."""
        m = Module()
        active = Signal()
        count = Signal(range(self._window))
        now = Signal.like(count)
        first_pair, last = Signal(), Signal()  # of the sample that `count` names
        taken, within = Signal(), Signal()
        re, im = (Signal.like(part, reset_less=True) for part in (self.o.re, self.o.im))
        m.d.comb += [
            self.i.ready.eq(active | self.permit),
            now.eq(Mux(self.i.p.first, 0, count)),
            taken.eq(self.i.valid & self.i.ready & (active | self.i.p.first) & ~self.abandon),
            within.eq(taken & ~self.i.p.first),
            self.complete.eq(within & last),
            Cat(self.o.re, self.o.im).eq(Cat(re, im)),
        ]
        m.d.sync += self.o.valid.eq(within & count[0])
        with m.If(taken):
            m.d.sync += [
                count.eq(now + 1),
                first_pair.eq(now == 0),
                last.eq(now == self._window - 2),
                active.eq(self.i.p.first | ~last),
            ]
        # The pair is looked at only when it is valid: what else comes here does no harm.
        m.d.sync += [im.eq(self.i.p.value), self.o.first.eq(first_pair)]
        with m.If(self.i.valid & ~now[0]):
            m.d.sync += re.eq(self.i.p.value)
        with m.If(self.abandon):
            m.d.sync += active.eq(0)
        return m
