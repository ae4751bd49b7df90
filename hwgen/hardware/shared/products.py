"""Values that leave behind another, multiplied by each other: each two of a step that asks so."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.shared.rounder import Rounder
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan


class Products(wiring.Component):
    """Gives the product of a value and the one before it; the value itself in steps without pairs.

    Parameters
    ----------
    plan
        Of the steps, some of which have pairs.
    logic
        Whether the multiplier is made of adders.

    Members
    -------
    value, step, take
        A value, the number of its step, and whether there is one: the next one's first factor.
    o
        `latency` cycles later: divided, halves up, and saturated.
    """

    latency = depths.PRODUCT

    def __init__(self, plan: SharedPlan, *, logic: bool = False):
        self._plan, self._logic = plan, logic
        super().__init__(
            {
                "value": In(signed(plan.rounded_width)),
                "step": In(range(max(2, len(plan.steps)))),
                "take": In(1),
                "o": Out(signed(plan.value_width)),
            }
        )

    def elaborate(self, platform):
        """Return the multiplier, and rounding behind it."""
        m = Module()
        width, given = self._plan.rounded_width, self._plan.value_width
        before = Signal.like(self.value, reset_less=True)
        m.submodules.multiplier = multiplier = Multiplier(width, width, logic=self._logic)
        with m.If(self.take):
            m.d.sync += before.eq(self.value)
        m.d.comb += [multiplier.a.eq(before), multiplier.b.eq(self.value)]
        step = delayed(m, self.step, multiplier.latency - 1, "step")
        # A factor is wider than a value may be; what is none is not.
        value = self.value[:given].as_signed()
        plain = delayed(m, value, multiplier.latency + 1, "plain")
        pairs = {n: step.post.pairs for n, step in enumerate(self._plan.steps)}
        shifts = {number: (each.shift, False) for number, each in pairs.items() if each}
        outs = {number: each.out if each else None for number, each in pairs.items()}
        rounder = Rounder(m, step, shifts, outs)
        m.d.comb += self.o.eq(rounder.rounded(multiplier.p, given, "result", plain))
        return m
