"""The sum of squares of one window's values, and whether it is above a threshold."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Signal, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.contract import threshold_signature
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.shared.mac_array import registered_sum
from hwgen.plans import depths
from hwgen.plans.step import Squares


class Score(wiring.Component):
    """Takes values as they come; squares them, and adds the squares up.

    Parameters
    ----------
    squares
        Bits that the sum drops, and where the threshold begins.
    width
        Bits of a value, signed.
    bits
        Of the score, signed.
    at_once
        Values that come together.
    dsp
        DSP cells: further multipliers are logic.

    Members
    -------
    valid, values, last
        The next values; ``last`` with a window's last.
    threshold
        Another one: it counts from the next window that is done on, and outlives a reset.
    class_, logits
        Of the window: whether the score is above the threshold; the two, the score second. They
        stand until the next window is done.
    done
        High for a cycle when they are there.

    Latency
    -------
    The plan's (`hwgen.plans.depths.score`) from the last values.
    """

    def __init__(self, squares: Squares, width: int, bits: int, *, at_once: int = 1, dsp: int = 1):
        self._squares, self._at_once = squares, positive("at_once", at_once)
        self._dsp = positive("dsp", dsp, 0)
        positive("width", width)
        positive("bits", bits, 2)
        super().__init__(
            {
                "valid": In(1),
                "values": In(data.ArrayLayout(signed(width), at_once)),
                "last": In(1),
                "threshold": In(threshold_signature(bits)),
                "class_": Out(unsigned(1)),
                "logits": Out(data.ArrayLayout(signed(bits), 2)),
                "done": Out(1),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from a window's last values to the score."""
        return depths.score(self._at_once)

    def elaborate(self, platform):
        """Return multipliers, the tree of their products, the sum, and the comparison."""
        m = Module()
        wait = depths.MULTIPLIER + depths.adder_tree(self._at_once)
        valid = pulse_delayed(m, self.valid, wait, "valid")
        last = pulse_delayed(m, self.valid & self.last, wait, "last")
        total = self._summed(m, valid, last)
        complete = pulse_delayed(m, last, 1, "complete")
        score = Signal(signed(self.logits[1].shape().width))
        m.d.comb += score.eq(total[self._squares.drop :])
        threshold = Signal.like(score, init=self._squares.threshold, reset_less=True)
        with m.If(self.threshold.set):
            m.d.sync += threshold.eq(Cat(self.threshold.value, Const(0, 1)))
        given = Signal.like(self.logits, reset_less=True)
        above = Signal(reset_less=True)
        with m.If(complete):
            # Both are never negative: the sign of the difference says which is more.
            m.d.sync += [
                given[0].eq(threshold),
                given[1].eq(score),
                above.eq((threshold - score)[-1]),
            ]
        m.d.comb += [self.logits.eq(given), self.class_.eq(above)]
        m.d.sync += self.done.eq(complete)
        return m

    def _summed(self, m: Module, valid, last) -> Signal:
        """Return the sum so far; it begins anew behind a window's last values."""
        products = []
        for place in range(self._at_once):
            value = self.values[place]
            width = value.shape().width
            multiplier = Multiplier(width, width, logic=place >= self._dsp)
            m.submodules[f"multiplier_{place}"] = multiplier
            m.d.comb += [multiplier.a.eq(value), multiplier.b.eq(value)]
            products.append(multiplier.p)
        term = registered_sum(m, products, "sum")
        bits = self.logits[1].shape().width - 1 + self._squares.drop
        total = Signal(bits, reset_less=True)
        fresh = Signal(init=1)  # the next values are a window's first
        with m.If(valid):
            kept = total & (~fresh).replicate(bits)
            m.d.sync += [total.eq(kept + term.as_unsigned()), fresh.eq(last)]
        return total
