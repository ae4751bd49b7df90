"""Whether a button is held when the power comes on."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import cdc, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive

SETTLE = 4
"""Cycles at the beginning in which the input is not looked at: it is still on its way."""


class HeldAtStart(wiring.Component):
    """Say once, some time after a reset, that an input was high all that time.

    Parameters
    ----------
    cycles
        For how long, from `SETTLE` on.

    Members
    -------
    i : In(1)
        The button, of no clock.
    o : Out(1)
        High for a cycle.
    """

    def __init__(self, cycles: int) -> None:
        self._cycles = positive("cycles", cycles)
        super().__init__({"i": In(1), "o": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        """Count, and look."""
        m = Module()
        seen = Signal()
        m.submodules.sampled = cdc.FFSynchronizer(self.i, seen)
        count = Signal(range(SETTLE + self._cycles + 1))
        held = Signal(init=1)
        last = SETTLE + self._cycles - 1
        m.d.sync += self.o.eq((count == last) & held & seen)
        with m.If(count <= last):
            m.d.sync += count.eq(count + 1)
        with m.If((count >= SETTLE) & ~seen):
            m.d.sync += held.eq(0)
        return m
