"""Approximate magnitude of a bin, rounded to a feature."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import larger, pulse_delayed
from hwgen.hardware.sources.fft.untangle import bin_stream
from hwgen.plans import depths
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops.spectrum import QuantizedSpectrum


def feature_stream(width: int) -> wiring.Signature:
    """Return a stream of features that cannot be stalled; flags as in `bin_stream`."""
    return wiring.Signature(
        {"valid": Out(1), "mirror": Out(1), "last": Out(1), "value": Out(unsigned(width))}
    )


class Magnitude(wiring.Component):
    """``saturate(shift_half_up(magnitude(bin), shift))``, one a cycle.

    Parameters
    ----------
    op
        The quantized spectrum: method, shift and formats.

    Members
    -------
    i, o
        Bins in, features out.

    Latency
    -------
    5 cycles.
    """

    latency = depths.MAGNITUDE

    def __init__(self, op: QuantizedSpectrum):
        self._op = op
        super().__init__(
            {"i": In(bin_stream(op.bin_width)), "o": Out(feature_stream(op.out.width))}
        )

    def elaborate(self, platform):
        """Return the pipeline: absolute values, order, candidates, largest, rounding."""
        m = Module()
        width = self._op.bin_width

        def register(value, name: str, bits: int = width):
            held = Signal(unsigned(bits), name=name, reset_less=True)
            m.d.sync += held.eq(value)
            return held

        re = register(Mux(self.i.re < 0, -self.i.re, self.i.re), "abs_re")
        im = register(Mux(self.i.im < 0, -self.i.im, self.i.im), "abs_im")
        a = register(larger(re, im), "a")
        b = register(Mux(re > im, im, re), "b")
        candidates = [
            register(_eighths(a, alpha) + _eighths(b, beta), f"candidate_{i}", width + EIGHTHS + 1)
            for i, (alpha, beta) in enumerate(MAGNITUDES[self._op.magnitude])
        ]
        largest = candidates[0]
        for candidate in candidates[1:]:
            largest = larger(largest, candidate)
        eight_times = register(largest, "eight_times", width + EIGHTHS + 1)
        m.d.sync += self.o.value.eq(self._rounded(eight_times))
        for flag in ("valid", "mirror", "last"):
            late = pulse_delayed(m, getattr(self.i, flag), self.latency, flag)
            m.d.comb += getattr(self.o, flag).eq(late)
        return m

    def _rounded(self, value):
        drop = self._op.shift + EIGHTHS
        rounded = (value + ((1 << drop) >> 1)) >> drop if drop >= 0 else value << -drop
        top = self._op.out.max
        return Mux(rounded > top, top, rounded)


def _eighths(value, factor: int):
    """Return `value` times a small factor as few adders: 7 is 8 - 1."""
    if factor == 7:
        return (value << 3) - value
    return sum((value << bit for bit in range(4) if factor >> bit & 1), start=0)
