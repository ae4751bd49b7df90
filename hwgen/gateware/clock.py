"""The design's clock on a board: its oscillator, the chip's PLL, and a reset until that locks."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockSignal, Const, Elaboratable, Module, Signal
from amaranth.lib import io
from amaranth.lib.cdc import ResetSynchronizer

from hwgen.boards.platforms import request_clock
from hwgen.targets.family import Family, PllPlan


class BoardClock(Elaboratable):
    """Drives clock domain ``sync`` from the platform's oscillator, in reset until the PLL locks.

    The domain is its parent's. The output clock is constrained to ``plan.output_mhz`` for place
    and route.

    Parameters
    ----------
    family
        Of the board's chip.
    plan
        What the family planned for the clock.
    """

    def __init__(self, family: Family, plan: PllPlan) -> None:
        self._family, self._plan = family, plan

    def elaborate(self, platform: Any) -> Module:
        """Instantiate the PLL and its reset."""
        m = Module()
        clock_port, reset_port = request_clock(platform)
        m.submodules.clock_buffer = source = io.Buffer("i", clock_port)
        reset: Any = Const(0)
        if reset_port is not None:
            m.submodules.reset_buffer = reset_buffer = io.Buffer("i", reset_port)
            reset = reset_buffer.i

        # kept: the constraint finds the net by this name
        output = Signal(name="pll_clock", attrs={"keep": 1})
        locked = Signal()
        m.submodules.pll = self._family.pll(self._plan, source.i, output, locked)
        platform.add_clock_constraint(output, float(self._plan.output_mhz * 1_000_000))

        m.d.comb += ClockSignal("sync").eq(output)
        m.submodules.reset_sync = ResetSynchronizer(~locked | reset, domain="sync")
        return m
