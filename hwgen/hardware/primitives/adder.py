"""An adder that can subtract as well, at the price of an adder."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen import targets
from hwgen.checks import positive
from hwgen.plans import depths


class AddSubtract(wiring.Component):
    """``o = a + b`` or ``a - b``, signed, modulo ``2**width``.

    Parameters
    ----------
    width, b_width
        Bits of ``a`` and ``o``, and of ``b``.

    Members
    -------
    a, b, subtract, o
        ``o`` in cycle t + 1 is what ``a``, ``b`` and ``subtract`` of cycle t make.

    Latency
    -------
    1 cycle.

    Raises
    ------
    TypeError, ValueError
        If a width is not a positive integer.
    """

    latency = depths.ADD_SUBTRACT

    def __init__(self, width: int, b_width: int):
        positive("width", width)
        positive("b_width", b_width)
        super().__init__(
            {
                "a": In(signed(width)),
                "b": In(signed(b_width)),
                "subtract": In(1),
                "o": Out(signed(width)),
            }
        )

    def elaborate(self, platform):
        """Return one carry chain and its register."""
        m = Module()
        b = Signal.like(self.a)
        total = Signal.like(self.a)
        m.d.comb += b.eq(self.b)
        held = Signal.like(self.o, reset_less=True)
        m.d.sync += held.eq(total)
        m.d.comb += self.o.eq(held)
        cells = targets.of(platform).primitives
        cells.add_subtract(m, self.a, b, self.subtract, total)
        return m
