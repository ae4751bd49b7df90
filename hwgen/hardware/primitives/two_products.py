"""Two products of one value on one multiplier."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.plans import depths
from hwgen.plans.two_products import TwoProducts


class TwoProductMultiplier(wiring.Component):
    """``p0 = a * b0`` and ``p1 = a * b1``, signed; two products every cycle.

    Parameters
    ----------
    a_width, b_width
        Bits of the signed operands.
    two
        How both factors lie in one operand; the caller knows that they are such as it was made for.

    Members
    -------
    a, b0, b1, p0, p1
        Products in cycle t + 3 are those of cycle t. In front of the multiplier is a subtraction,
        behind it an addition of one bit.

    Latency
    -------
    3 cycles.
    """

    latency = depths.MULTIPLIER

    def __init__(self, a_width: int, b_width: int, two: TwoProducts):
        self._two = two
        self._multiplier = Multiplier(a_width, two.operand)
        product = signed(a_width + b_width)
        super().__init__(
            {
                "a": In(signed(a_width)),
                "b0": In(signed(b_width)),
                "b1": In(signed(b_width)),
                "p0": Out(product),
                "p1": Out(product),
            }
        )

    def elaborate(self, platform):
        """Return the multiplier, with factors and products in their places."""
        m = Module()
        m.submodules.multiplier = multiplier = self._multiplier
        place, both = self._two.place, multiplier.p
        first = both[:place].as_signed()
        # A negative factor in the lower bits borrows one from the other, a negative product too.
        upper = self.b1 - self.b0[-1]
        m.d.comb += [
            multiplier.a.eq(self.a),
            multiplier.b.eq(Cat(_extended(self.b0, place), upper)),
            self.p0.eq(first),
            self.p1.eq(both[place:].as_signed() + first[-1]),
        ]
        return m


def _extended(number, bits: int):
    """Return a signed number in so many bits: repeated signs above it, or those above it gone."""
    return Cat(number, *([number[-1]] * (bits - len(number))))[:bits]
