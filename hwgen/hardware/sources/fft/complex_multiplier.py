"""A complex product every two cycles from two multipliers, or four where values are wide."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import pulse_delayed, registered
from hwgen.hardware.primitives.multiplier import DSP_OPERAND, Multiplier
from hwgen.hardware.primitives.wide_multiplier import WideMultiplier
from hwgen.plans import depths


class ComplexMultiplier(wiring.Component):
    """``(re + j im) * (c + j s)``, each part rounded half up to an integer.

    Parameters
    ----------
    width
        Bits of re and im, signed; more than 18 take two multipliers each.
    factor_width, frac_bits
        Bits of c and s, signed, and how many of them are fraction bits.
    out_width
        Bits of each part of the product; the caller knows that they hold it.

    Members
    -------
    valid, re, im, c, s
        A product is taken whenever ``valid``, which must be low in the next cycle.
    o_valid, o_re, o_im
        The product, `latency` cycles later, for one cycle.

    Latency
    -------
    5 cycles, of wide values 6; interval 2 cycles.
    """

    interval = depths.COMPLEX_INTERVAL

    def __init__(self, width: int, factor_width: int, frac_bits: int, out_width: int):
        self._widths = width, factor_width
        self._frac_bits = frac_bits
        self._kind = Multiplier if width <= DSP_OPERAND else WideMultiplier
        super().__init__(
            {
                "valid": In(1),
                "re": In(signed(width)),
                "im": In(signed(width)),
                "c": In(signed(factor_width)),
                "s": In(signed(factor_width)),
                "o_valid": Out(1),
                "o_re": Out(signed(out_width)),
                "o_im": Out(signed(out_width)),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from two factors to their product."""
        wide = self._kind is WideMultiplier
        return depths.WIDE_COMPLEX_MULTIPLIER if wide else depths.COMPLEX_MULTIPLIER

    def elaborate(self, platform):
        """Return two multipliers that take re, then im, and the sums of their products."""
        m = Module()
        im = Signal.like(self.im, reset_less=True)
        c = Signal.like(self.c, reset_less=True)
        s = Signal.like(self.s, reset_less=True)
        m.d.sync += [im.eq(self.im), c.eq(self.c), s.eq(self.s)]
        second = pulse_delayed(m, self.valid, self._kind.latency + 1, "second")
        m.d.sync += self.o_valid.eq(second)
        half = 1 << (self._frac_bits - 1)
        # re * c then - im * s; re * s then + im * c.
        plan = (("re", self.c, s, self.o_re, True), ("im", self.s, c, self.o_im, False))
        for name, now, then, out, subtract in plan:
            multiplier = self._kind(*self._widths)
            m.submodules[f"multiplier_{name}"] = multiplier
            m.d.comb += [
                multiplier.a.eq(Mux(self.valid, self.re, im)),
                multiplier.b.eq(Mux(self.valid, now, then)),
            ]
            first = Signal(signed(len(multiplier.p) + 1), name=f"first_{name}", reset_less=True)
            total = Signal(signed(len(multiplier.p) + 2), name=f"total_{name}")
            m.d.sync += first.eq(multiplier.p + half)
            m.d.comb += total.eq(first - multiplier.p if subtract else first + multiplier.p)
            registered(m, out, total >> self._frac_bits)
        return m
