"""A wide product in logic, with registers where one multiplier of logic would be too slow."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.multiplier import Multiplier


class TwoPartProduct(wiring.Component):
    """``p = a * b``, signed: the halves of b by a multiplier each, then their sum.

    Parameters
    ----------
    a_width, b_width
        Bits of the signed operands, b at least 2.

    Members
    -------
    a, b, p
        ``p`` in cycle t + `latency` is the product of ``a`` and ``b`` of cycle t.

    Latency
    -------
    `latency` cycles; a product every cycle.

    Raises
    ------
    TypeError, ValueError
        If a width is not a positive integer, or more than a multiplier takes.
    """

    latency = Multiplier.latency + 1

    def __init__(self, a_width: int, b_width: int) -> None:
        low = positive("b_width", b_width, 2) // 2
        # The low half has no sign of its own.
        self._low = Multiplier(a_width, low + 1, logic=True)
        self._high = Multiplier(a_width, b_width - low, logic=True)
        super().__init__(
            {
                "a": In(signed(a_width)),
                "b": In(signed(b_width)),
                "p": Out(signed(a_width + b_width)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Return both multipliers and the adder behind them."""
        m = Module()
        m.submodules.low, m.submodules.high = lower, upper = self._low, self._high
        low = len(lower.b) - 1
        held = Signal.like(self.p, reset_less=True)
        m.d.comb += [
            lower.a.eq(self.a),
            lower.b.eq(Cat(self.b[:low], Const(0, 1)).as_signed()),
            upper.a.eq(self.a),
            upper.b.eq(self.b[low:].as_signed()),
            self.p.eq(held),
        ]
        m.d.sync += held.eq((upper.p << low) + lower.p)
        return m
