"""The first of the largest of all logits at once: a registered tree of comparisons."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.checks import positive
from hwgen.hardware.memory import pulse_delayed


class ArgMaxTree(wiring.Component):
    """The number of the largest logit, the lowest number among equals; one a cycle.

    Parameters
    ----------
    classes
        Logits.
    logit_width
        Bits of a logit, signed.

    Members
    -------
    valid, logits
        All logits of a window.
    o_valid, class_
        High for a cycle, `latency` later; ``class_`` then stands until the next.

    Latency
    -------
    One cycle per level of the tree.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a positive integer.
    """

    def __init__(self, classes: int, logit_width: int):
        self._classes = positive("classes", classes)
        positive("logit_width", logit_width)
        super().__init__(
            {
                "valid": In(1),
                "logits": In(data.ArrayLayout(signed(logit_width), classes)),
                "o_valid": Out(1),
                "class_": Out(unsigned(max(1, (classes - 1).bit_length()))),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from the logits to the class."""
        return max(1, (self._classes - 1).bit_length())

    def elaborate(self, platform):
        """Return the tree: of two neighbours the right one wins only if it is larger."""
        m = Module()
        almost = pulse_delayed(m, self.valid, self.latency - 1, "almost")
        m.d.sync += self.o_valid.eq(almost)
        players = [(self.logits[number], Const(number)) for number in range(self._classes)]
        for level in range(self.latency):
            winners = []
            for place in range(0, len(players), 2):
                logit, number = players[place]
                if place + 1 < len(players):
                    other_logit, other_number = players[place + 1]
                    right = other_logit > logit
                    logit = Mux(right, other_logit, logit)
                    number = Mux(right, other_number, number)
                best = Signal.like(self.logits[0], name=f"best_{level}_{place}", reset_less=True)
                index = Signal.like(self.class_, name=f"index_{level}_{place}", reset_less=True)
                m.d.sync += best.eq(logit)
                with m.If(1 if level < self.latency - 1 else almost):
                    m.d.sync += index.eq(number)
                winners.append((best, index))
            players = winners
        m.d.comb += self.class_.eq(players[0][1])
        return m
