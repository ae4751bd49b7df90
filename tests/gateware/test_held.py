"""A button that is held at power-up, and others that are not."""

from __future__ import annotations

import pytest
from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.sim import Simulator

from hwgen.gateware.held import SETTLE, HeldAtStart

CYCLES = 20


def told(button, reset_at=None):
    """Return the cycles in which it says so, for `button(cycle)`."""
    dut, reset = HeldAtStart(CYCLES), Signal()
    m = Module()
    m.submodules.dut = ResetInserter(reset)(dut)
    seen = []

    async def process(ctx):
        for cycle in range(150):
            ctx.set(dut.i, button(cycle))
            ctx.set(reset, cycle == reset_at)
            if ctx.get(dut.o):
                seen.append(cycle)
            await ctx.tick()

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return seen


def test_held():
    (once,) = told(lambda cycle: 1)
    assert once == SETTLE + CYCLES == 24
    assert told(lambda cycle: cycle < once + 1) == [once]


@pytest.mark.parametrize(
    "button",
    [
        lambda cycle: 0,
        lambda cycle: cycle != 12,
        lambda cycle: cycle < SETTLE + CYCLES - 5,
        lambda cycle: cycle > 8,
        lambda cycle: cycle > 60,
    ],
)
def test_not_held_all_the_time(button):
    assert told(button) == []


def test_a_reset_looks_again():
    first, second = told(lambda cycle: 1, reset_at=70)
    assert second - 71 == first
    assert told(lambda cycle: cycle > 65, reset_at=70) == [second]


def test_parameters(refusing):
    with pytest.raises(ValueError, match="cycles must be at least 1"):
        HeldAtStart(0)
