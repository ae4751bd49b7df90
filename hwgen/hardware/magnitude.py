"""Approximate magnitude of a bin, rounded to a feature."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format
from hwgen.hardware.memory import larger, pulse_delayed
from hwgen.hardware.untangle import bin_stream
from hwgen.quantized.features import QuantizedFeatures
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES


def feature_stream(width: int) -> wiring.Signature:
    """Return a stream of features that cannot be stalled; flags as in `bin_stream`."""
    return wiring.Signature(
        {"valid": Out(1), "mirror": Out(1), "last": Out(1), "value": Out(unsigned(width))}
    )


class Approximation(wiring.Component):
    """The magnitude of a bin whose parts have lost their signs, rounded to a feature.

    Parameters
    ----------
    method
        Name of the approximation, a key of `MAGNITUDES`.
    most
        Largest absolute value of a part.
    shift
        Magnitudes are divided by ``2**shift``, halves up, then saturated.
    out
        Unsigned format of a feature.

    Members
    -------
    re, im
        Absolute values.
    blank
        High in the cycle before a feature's: it is then zero instead.
    o
        Features.

    Latency
    -------
    4 cycles.
    """

    latency = 4

    def __init__(self, method: str, most: int, shift: int, out: Format):
        self._pairs = MAGNITUDES[method]
        self._most = most
        self._drop = shift + EIGHTHS
        self._top = out.max
        part = unsigned(most.bit_length())
        super().__init__(
            {"re": In(part), "im": In(part), "blank": In(1), "o": Out(unsigned(out.width))}
        )

    def elaborate(self, platform):
        """Return the pipeline: order, candidates, largest, rounding."""
        m = Module()
        bits = self._most.bit_length()
        wide = (self._most * max(sum(pair) for pair in self._pairs)).bit_length()

        def register(value, name: str, bits: int):
            held = Signal(unsigned(bits), name=name, reset_less=True)
            m.d.sync += held.eq(value)
            return held

        a = register(larger(self.re, self.im), "a", bits)
        b = register(Mux(self.re > self.im, self.im, self.re), "b", bits)
        candidates = [
            register(_eighths(a, alpha) + _eighths(b, beta), f"candidate_{i}", wide)
            for i, (alpha, beta) in enumerate(self._pairs)
        ]
        largest = candidates[0]
        for candidate in candidates[1:]:
            largest = larger(largest, candidate)
        eight_times = register(largest, "eight_times", wide)
        feature = register(self._rounded(eight_times), "feature", len(self.o))
        with m.If(self.blank):
            m.d.sync += feature.eq(0)
        m.d.comb += self.o.eq(feature)
        return m

    def _rounded(self, value):
        drop = self._drop
        # The half that is added is the lowest bit that is looked at: the adder has none below.
        rounded = ((value >> (drop - 1)) + 1) >> 1 if drop > 0 else value << -drop
        return Mux(rounded > self._top, self._top, rounded)


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

    latency = 1 + Approximation.latency

    def __init__(self, op: QuantizedFeatures):
        self._op = op
        super().__init__(
            {"i": In(bin_stream(op.bin_width)), "o": Out(feature_stream(op.out.width))}
        )

    def elaborate(self, platform):
        """Return absolute values, their approximation, and the flags beside them."""
        m = Module()
        op = self._op
        most = 1 << (op.bin_width - 1)
        approximation = Approximation(op.magnitude, most, op.shift, op.out)
        m.submodules.approximation = approximation
        for part in ("re", "im"):
            value = getattr(self.i, part)
            absolute = Signal(unsigned(op.bin_width), name=f"abs_{part}", reset_less=True)
            m.d.sync += absolute.eq(Mux(value < 0, -value, value))
            m.d.comb += getattr(approximation, part).eq(absolute)
        m.d.comb += self.o.value.eq(approximation.o)
        for flag in ("valid", "mirror", "last"):
            late = pulse_delayed(m, getattr(self.i, flag), self.latency, flag)
            m.d.comb += getattr(self.o, flag).eq(late)
        return m


def _eighths(value, factor: int):
    """Return `value` times a small factor as few adders: 7 is 8 - 1."""
    if factor == 7:
        return (value << 3) - value
    return sum((value << bit for bit in range(4) if factor >> bit & 1), start=0)
