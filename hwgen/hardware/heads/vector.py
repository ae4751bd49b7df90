"""Values for the user, of one output and window."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.plans import depths


class Vector(wiring.Component):
    """Takes values as they come; keeps the last ones, in the order in which they came.

    Parameters
    ----------
    count
        Values of a window.
    width
        Bits of a value, signed.
    at_once
        Values that come together; `count` is a multiple of it.
    kept
        Whether they stand while the next ones come: until ``keep``.

    Members
    -------
    valid, values
        The next values.
    keep
        Only where they are kept: what has come stands from the next cycle on.
    o
        The values.

    Latency
    -------
    1 cycle from the last values, or from ``keep``.
    """

    latency = depths.VECTOR

    def __init__(self, count: int, width: int, *, at_once: int = 1, kept: bool = False):
        self._at_once, self._kept = positive("at_once", at_once), kept
        positive("width", width)
        if positive("count", count) % at_once:
            raise ValueError(f"count must be a multiple of at_once ({at_once}), not {count}")
        super().__init__(
            {
                "valid": In(1),
                "values": In(data.ArrayLayout(signed(width), at_once)),
                "o": Out(data.ArrayLayout(signed(width), count)),
            }
            | ({"keep": In(1)} if kept else {})
        )

    def elaborate(self, platform):
        """Return a shift register; no count is needed, for a window has always as many."""
        m = Module()
        last = Signal(self.o.shape().size, reset_less=True)
        new = self.values.as_value()
        with m.If(self.valid):
            m.d.sync += last.eq(Cat(last, new)[len(new) :])
        if self._kept:
            held = Signal.like(last, name="held", reset_less=True)
            with m.If(self.keep):
                m.d.sync += held.eq(last)
            last = held
        m.d.comb += self.o.as_value().eq(last)
        return m
