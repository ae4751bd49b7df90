"""A multiplier whose one operand is wider than a DSP cell takes: two of them and an adder."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import delayed
from hwgen.hardware.primitives.multiplier import DSP_OPERAND, Multiplier
from hwgen.plans import depths


class WideMultiplier(wiring.Component):
    """``p = a * b``, signed; a product every cycle.

    Parameters
    ----------
    a_width, b_width
        Bits of the signed operands, a of 19 to 35.

    Members
    -------
    a, b, p
        ``p`` in cycle t + 4 is the product of ``a`` and ``b`` of cycle t.

    Latency
    -------
    4 cycles.

    Raises
    ------
    ValueError
        If a is not so wide, or b too wide for a DSP cell.
    """

    latency = depths.WIDE_MULTIPLIER

    def __init__(self, a_width: int, b_width: int):
        low, high = DSP_OPERAND + 1, 2 * DSP_OPERAND - 1
        if not low <= a_width <= high:
            raise ValueError(f"a_width must be {low} to {high}, not {a_width}")
        self._low = Multiplier(DSP_OPERAND, b_width)
        self._high = Multiplier(a_width - depths.LOW_OPERAND, b_width)
        super().__init__(
            {
                "a": In(signed(a_width)),
                "b": In(signed(b_width)),
                "p": Out(signed(a_width + b_width)),
            }
        )

    def elaborate(self, platform):
        """Return the products of a's lower bits, without a sign, and of its upper ones."""
        m = Module()
        cut = depths.LOW_OPERAND
        m.submodules.low, m.submodules.high = self._low, self._high
        m.d.comb += [
            self._low.a.eq(Cat(self.a[:cut], Const(0, 1)).as_signed()),
            self._low.b.eq(self.b),
            self._high.a.eq(self.a[cut:].as_signed()),
            self._high.b.eq(self.b),
        ]
        # The lowest bits are the one product's alone.
        lower = delayed(m, self._low.p[:cut], 1, "lower")
        upper = Signal(len(self.p) - cut, reset_less=True)
        m.d.sync += upper.eq(self._high.p + (self._low.p >> cut))
        m.d.comb += self.p.eq(Cat(lower, upper))
        return m
