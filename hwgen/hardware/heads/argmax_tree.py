"""The first of the largest of all logits at once: rounds of comparisons of each with each."""

from __future__ import annotations

import functools
import itertools
import operator

from amaranth.hdl import Const, Module, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.memory import exceeds, pulse_delayed
from hwgen.plans.unrolled import argmax_tree


class ArgMaxTree(wiring.Component):
    """The number of the largest logit, the lowest number among equals.

    Parameters
    ----------
    classes
        Logits.
    logit_width
        Bits of a logit, signed.

    Members
    -------
    valid, logits
        All logits of a window. They stand until ``o_valid``.
    o_valid, class_
        High for a cycle, `latency` later; ``class_`` then stands until the next.

    Latency
    -------
    Two cycles a round: comparisons of each with each, and the choice. Up to twelve logits are one
    round; before it, groups of up to four become one each.

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
        return argmax_tree.latency(self._classes)

    def elaborate(self, platform):
        """Return the rounds."""
        m = Module()
        players: list[tuple[Value, Value]] = [
            (self.logits[number], Const(number, len(self.class_)))
            for number in range(self._classes)
        ]
        for number, groups in enumerate(argmax_tree.rounds(self._classes)):
            shares = [players[share] for share in argmax_tree.shares(len(players), groups)]
            players = [
                self._winner(m, share, f"{number}_{group}") for group, share in enumerate(shares)
            ]
        almost = pulse_delayed(m, self.valid, self.latency - 1, "almost")
        m.d.sync += self.o_valid.eq(almost)
        wins = self._wins(m, players, "final")
        with m.If(almost):
            m.d.sync += self.class_.eq(_chosen(wins, [number for _, number in players]))
        return m

    def _winner(
        self, m: Module, players: list[tuple[Value, Value]], name: str
    ) -> tuple[Value, Value]:
        """Return the first of the largest and its number, two cycles later."""
        wins = self._wins(m, players, name)
        logit = Signal.like(self.logits[0], name=f"logit_{name}", reset_less=True)
        number = Signal.like(self.class_, name=f"number_{name}", reset_less=True)
        m.d.sync += [
            logit.eq(_chosen(wins, [player for player, _ in players])),
            number.eq(_chosen(wins, [place for _, place in players])),
        ]
        return logit, number

    def _wins(self, m: Module, players: list[tuple[Value, Value]], name: str) -> list[Value]:
        """Return for each whether it is larger than all before and none behind is larger.

        A cycle later.
        """
        beaten = {}
        for i, j in itertools.combinations(range(len(players)), 2):
            beaten[i, j] = Signal(name=f"beaten_{name}_{i}_{j}", reset_less=True)
            m.d.sync += beaten[i, j].eq(exceeds(players[j][0], players[i][0]))
        return [
            functools.reduce(
                operator.and_,
                [beaten[i, place] for i in range(place)]
                + [~beaten[place, j] for j in range(place + 1, len(players))],
                Const(1, 1),
            )
            for place in range(len(players))
        ]


def _chosen(wins: list[Value], values: list[Value]) -> Value:
    """Return the value of the one who wins."""
    return functools.reduce(
        operator.or_,
        [
            win.replicate(len(value)) & value.as_unsigned()
            for win, value in zip(wins, values, strict=True)
        ],
    )
