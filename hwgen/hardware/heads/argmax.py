"""The first of the largest logits, and all logits, of one window."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.memory import exceeds
from hwgen.plans import depths


class ArgMax(wiring.Component):
    """Takes logits one by one; the class is the first of the largest, ties or all negative.

    Parameters
    ----------
    classes
        Logits a window.
    logit_width
        Bits of a logit, signed.

    Members
    -------
    valid, logit, last
        The next logit; ``last`` with a window's last.
    class_, logits
        Of the window; stand until the next window's first logit.
    done
        High for a cycle when they are complete.

    Latency
    -------
    1 cycle from the last logit.
    """

    latency = depths.ARGMAX

    def __init__(self, classes: int, logit_width: int):
        self._classes = positive("classes", classes)
        positive("logit_width", logit_width)
        super().__init__(
            {
                "valid": In(1),
                "logit": In(signed(logit_width)),
                "last": In(1),
                "class_": Out(unsigned(max(1, (classes - 1).bit_length()))),
                "logits": Out(data.ArrayLayout(signed(logit_width), classes)),
                "done": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return the shift register of logits and the running maximum."""
        m = Module()
        best = Signal.like(self.logit, reset_less=True)
        logits = Signal.like(self.logits, reset_less=True)
        index = Signal.like(self.class_)
        fresh = Signal(init=1)  # the next logit is a window's first
        m.d.comb += self.logits.eq(logits)
        m.d.sync += self.done.eq(self.valid & self.last)
        with m.If(self.valid):
            m.d.sync += [index.eq(Mux(self.last, 0, index + 1)), fresh.eq(self.last)]
            for place in range(self._classes - 1):
                m.d.sync += logits[place].eq(logits[place + 1])
            m.d.sync += logits[self._classes - 1].eq(self.logit)
            with m.If(fresh | exceeds(self.logit, best)):
                m.d.sync += [best.eq(self.logit), self.class_.eq(index)]
        return m
