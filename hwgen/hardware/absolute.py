"""Absolute values that need not be told apart once they are large."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.checks import positive


class ClippedAbsolute(wiring.Component):
    """``|i|``, or where that does not fit a value that is nearly the largest.

    Parameters
    ----------
    width
        Bits of the signed value.
    bits
        Absolute values up to ``2**(bits - 1) - 1`` are exact; larger ones give that or one more.

    Members
    -------
    i, o
        A value in, its absolute value out.

    Latency
    -------
    2 cycles.

    Raises
    ------
    TypeError, ValueError
        If a width is no integer, or fewer than 2 bits.
    """

    latency = 2

    def __init__(self, width: int, bits: int):
        positive("width", width, 2)
        self._bits = min(positive("bits", bits, 2), width)
        super().__init__({"i": In(signed(width)), "o": Out(unsigned(self._bits))})

    @property
    def most(self) -> int:
        """Largest value that can come out."""
        return 1 << (self._bits - 1)

    def elaborate(self, platform):
        """Return the one's complement, clipped, and then the one that makes it two's."""
        m = Module()
        low = self._bits - 1
        sign = self.i[-1]
        flipped = self.i[:-1] ^ sign.replicate(len(self.i) - 1)
        clipped = Signal(low, reset_less=True)
        negative = Signal(reset_less=True)
        held = Signal(self._bits, reset_less=True)
        m.d.sync += [
            clipped.eq(Mux(flipped[low:].any(), (1 << low) - 1, flipped[:low])),
            negative.eq(sign),
            held.eq(clipped + negative),
        ]
        m.d.comb += self.o.eq(held)
        return m
