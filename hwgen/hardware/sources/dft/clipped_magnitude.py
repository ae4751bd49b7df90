"""Magnitude of a bin whose large parts need not be told apart, rounded to a feature."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.fixedpoint import Format, signed_width
from hwgen.hardware.primitives.memory import larger
from hwgen.plans import depths
from hwgen.plans.sources.dft import deciding_width
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES

_WHOLE = 1 << EIGHTHS
"""Every approximation is at least the larger part: eight eighths of it."""


class ClippedMagnitude(wiring.Component):
    """``saturate(shift_half_up(magnitude(re, im), shift))``, one a cycle.

    Parameters
    ----------
    method
        Name of the approximation, a key of `MAGNITUDES`.
    width
        Bits of a part, signed.
    shift
        Magnitudes are divided by ``2**shift``, halves up, then saturated.
    out
        Unsigned format of a feature.

    Members
    -------
    re, im
        Parts of the bin.
    blank
        3 cycles after them: whether the feature is to be zero instead.
    o
        The feature.

    Latency
    -------
    4 cycles.

    Raises
    ------
    TypeError, ValueError
        If the width is no integer of at least 2, or the method is not known.
    """

    latency = depths.CLIPPED_MAGNITUDE

    def __init__(self, method: str, width: int, shift: int, out: Format):
        positive("width", width, 2)
        if method not in MAGNITUDES:
            raise ValueError(f"method must be one of {', '.join(MAGNITUDES)}, not {method!r}")
        self._pairs = MAGNITUDES[method]
        self._bits = min(width, deciding_width(shift, out))
        self._drop = shift + EIGHTHS
        super().__init__(
            {
                "re": In(signed(width)),
                "im": In(signed(width)),
                "blank": In(1),
                "o": Out(unsigned(out.width)),
            }
        )

    def elaborate(self, platform):
        """Return the pipeline: clipping, absolute values, what adds to the larger, rounding."""
        m = Module()
        re, im = self._clipped(m, self.re, "re"), self._clipped(m, self.im, "im")
        bits = self._bits
        # With its sign below it, the one's complement is in order with the absolute value.
        swap = _register(m, "swap", 1, im > re)
        first = _register(m, "abs_re", bits, re[1:] + re[0])
        second = _register(m, "abs_im", bits, im[1:] + im[0])
        a, b = Mux(swap, second, first), Mux(swap, first, second)
        half = 1 << (self._drop - 1) if self._drop > 0 else 0
        low = Const(half % _WHOLE, EIGHTHS)
        whole = _register(m, "whole", self._wide(half), Cat(low, a + (half >> EIGHTHS)))
        total = whole + self._more(m, a, b)
        rounded = total >> self._drop if self._drop >= 0 else total << -self._drop
        size = len(self.o)
        over = rounded[size:].any()
        feature = _register(m, "feature", size, rounded[:size] | over.replicate(size))
        with m.If(self.blank):
            m.d.sync += feature.eq(0)
        m.d.comb += self.o.eq(feature)
        return m

    @property
    def _most(self) -> int:
        """Largest absolute value behind the clipping."""
        return 1 << (self._bits - 1)

    def _wide(self, half: int) -> int:
        return (self._most * max(sum(pair) for pair in self._pairs) + half).bit_length()

    def _clipped(self, m: Module, part, name: str):
        """Return the one's complement of a negative part, clipped, with the sign below it."""
        low = self._bits - 1
        sign = part[-1]
        flipped = part[:-1] ^ sign.replicate(len(part) - 1)
        clipped = flipped[:low] | flipped[low:].any().replicate(low)
        return _register(m, f"clipped_{name}", low + 1, Cat(sign, clipped))

    def _more(self, m: Module, a, b):
        """Return eight times what the approximation has above the larger part."""
        gains = []
        for alpha, beta in self._pairs:
            if (alpha, beta) == (_WHOLE, 0):
                gains.append(Const(0))
                continue
            low, high = (alpha - _WHOLE) * self._most, (alpha - _WHOLE + beta) * self._most
            shape = signed(signed_width(low, high)) if low < 0 else unsigned(high.bit_length())
            gain = Signal(shape, name=f"gain_{alpha}_{beta}", reset_less=True)
            less = _WHOLE - alpha
            m.d.sync += gain.eq(_times(b, beta) - _times(a, less) if less else _times(b, beta))
            gains.append(gain)
        if len(gains) == 2 and isinstance(gains[0], Const):  # one sign says which is larger
            return Mux(gains[1] < 0, 0, gains[1])
        most = gains[0]
        for gain in gains[1:]:
            most = larger(most, gain)
        return most


def _register(m: Module, name: str, bits: int, value):
    held = Signal(bits, name=name, reset_less=True)
    m.d.sync += held.eq(value)
    return held


def _times(value, factor: int):
    """Return `value` times a small factor as few adders."""
    terms = [value << bit for bit in range(EIGHTHS + 1) if factor >> bit & 1]
    return sum(terms[1:], start=terms[0])
