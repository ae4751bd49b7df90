"""The clock domain of a board: PLL, its constraint, reset."""

from __future__ import annotations

import pytest
from amaranth.hdl import ClockDomain, Fragment, Module, Signal
from amaranth.lib import io
from amaranth.sim import Simulator

from hwgen.gateware import clock
from hwgen.targets import find
from hwgen.targets.ecp5 import primitives

FAMILY = find("ecp5")


@pytest.mark.parametrize("reset", [True, False])
def test_what_the_cell_is_given(monkeypatch, reset):
    seen = {}
    real = primitives.Instance

    def noted(kind, **named):
        seen[kind] = named
        return real(kind, **named)

    ports = (io.SimulationPort(io.Direction.Input, 1), io.SimulationPort(io.Direction.Input, 1))
    resets = []

    def synchroniser(until, **named):
        resets.append((until, named))
        return Module()

    monkeypatch.setattr(primitives, "Instance", noted)
    monkeypatch.setattr(clock, "ResetSynchronizer", synchroniser)
    monkeypatch.setattr(
        clock, "request_clock", lambda platform: (ports[0], ports[1] if reset else None)
    )
    platform = Platform()
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.pll = clock.BoardClock(FAMILY, FAMILY.plan_pll(25, 106.25))
    m.d.sync += Signal().eq(1)
    Fragment.get(m, platform)
    given = seen["EHXPLLL"]
    wires = {name: given.pop(name) for name in ("i_CLKI", "i_CLKFB", "o_CLKOP", "o_LOCK")}
    assert wires["i_CLKFB"] is wires["o_CLKOP"]
    assert wires["i_CLKI"] is not wires["o_CLKOP"]
    constants = {name: given.pop(name).value for name in list(given) if name[0] == "i"}
    assert constants == {
        "i_RST": 0, "i_STDBY": 0, "i_PHASESEL0": 0, "i_PHASESEL1": 0, "i_PHASEDIR": 1,
        "i_PHASESTEP": 1, "i_PHASELOADREG": 1, "i_PLLWAKESYNC": 0, "i_ENCLKOP": 0,
    }  # fmt: skip
    assert given == {
        "a_FREQUENCY_PIN_CLKI": "25.000000", "a_FREQUENCY_PIN_CLKOP": "106.250000",
        "a_ICP_CURRENT": "12", "a_LPF_RESISTOR": "8", "a_MFG_ENABLE_FILTEROPAMP": "1",
        "a_MFG_GMCREF_SEL": "2", "p_CLKI_DIV": 4, "p_CLKFB_DIV": 17, "p_CLKOP_DIV": 6,
        "p_CLKOP_ENABLE": "ENABLED", "p_CLKOP_CPHASE": 5, "p_CLKOP_FPHASE": 0,
        "p_FEEDBK_PATH": "CLKOP",
    }  # fmt: skip
    ((net, frequency),) = platform.constraints
    assert net is wires["o_CLKOP"]
    assert (net.name, net.attrs["keep"], frequency) == ("pll_clock", 1, 106.25e6)
    ((until, named),) = resets
    assert named == {"domain": "sync"}
    assert_held(until, wires["o_LOCK"], platform.buffers[1:])


def assert_held(until, locked, buffers):
    """In reset until the PLL has locked, and while the board's button is pressed, if it has one."""
    m = Module()
    held = Signal()
    m.d.comb += held.eq(until)

    async def process(ctx):
        for lock in (0, 1):
            for button in (0, 1):
                ctx.set(locked, lock)
                for buffer in buffers:
                    ctx.set(buffer.i, button)
                await ctx.delay(1e-9)
                pressed = bool(buffers) and button
                assert ctx.get(held) == (not lock or pressed)

    simulator = Simulator(m)
    simulator.add_testbench(process)
    simulator.run()


class Platform:
    """Notes constraints and buffers."""

    def __init__(self):
        self.constraints, self.buffers = [], []

    def add_clock_constraint(self, net, frequency):
        self.constraints.append((net, frequency))

    def get_io_buffer(self, buffer):
        self.buffers.append(buffer)
        return Module()


def test_reset_waits_until_memories_may_be_read():
    """Of a chip whose block RAMs read as zero for some time after configuration."""
    family = find("ice40")
    ticks, locked, m = Signal(), Signal(), Module()
    made = clock.BoardClock(family, family.plan_pll(12, 24))
    settled = made._settled(m, ticks, locked)
    seen = []

    async def bench(ctx):
        for cycle in range(1000):
            if cycle == 100:
                ctx.set(locked, 1)
            ctx.set(ticks, 1)
            ctx.set(ticks, 0)
            seen.append(ctx.get(settled))

    sim = Simulator(m)
    sim.add_testbench(bench)
    sim.run()
    # 15 us at 24 MHz, behind the two registers through which the lock comes.
    assert 460 <= seen.index(1) <= 466
    assert all(seen[seen.index(1) :])
