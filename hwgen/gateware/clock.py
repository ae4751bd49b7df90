"""The design's clock on a board: its oscillator, the chip's PLL, and a reset until that locks."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, ClockSignal, Const, Elaboratable, Module, Signal
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer, ResetSynchronizer

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
        source = self._family.pll_pin(clock_port)
        if source is None:
            m.submodules.clock_buffer = buffer = io.Buffer("i", clock_port)
            source = buffer.i
        reset: Any = Const(0)
        if reset_port is not None:
            m.submodules.reset_buffer = reset_buffer = io.Buffer("i", reset_port)
            reset = reset_buffer.i

        # kept: the constraint finds the net by this name
        output = Signal(name="pll_clock", attrs={"keep": 1})
        locked = Signal()
        m.submodules.pll = self._family.pll(self._plan, source, output, locked)
        platform.add_clock_constraint(output, float(self._plan.output_mhz * 1_000_000))

        waits = ~locked | reset
        if self._family.settle_us:
            waits = waits | ~self._settled(m, output, locked)
        m.d.comb += ClockSignal("sync").eq(output)
        m.submodules.reset_sync = ResetSynchronizer(waits, domain="sync")
        return m

    def _settled(self, m: Module, clock: Any, locked: Any) -> Signal:
        """Return whether the chip's memories may be read: some time after the PLL has locked."""
        cycles = int(self._family.settle_us * float(self._plan.output_mhz)) + 1
        m.domains += ClockDomain("settling", reset_less=True, local=True)
        m.d.comb += ClockSignal("settling").eq(clock)
        steady = Signal()
        m.submodules.steady = FFSynchronizer(locked, steady, o_domain="settling")
        count, settled = Signal(range(cycles + 1)), Signal()
        with m.If(count == cycles):
            m.d.settling += settled.eq(1)
        with m.Elif(steady):
            m.d.settling += count.eq(count + 1)
        return settled
