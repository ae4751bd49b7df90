"""The PLL's dividers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from amaranth.hdl import ClockDomain, Fragment, Module, Signal
from amaranth.lib import io
from amaranth.sim import Simulator
from hwgen.boards.pll import Pll, plan_pll
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.boards import pll
from hwgen.errors import CannotMeetError

OSCILLATORS = [12.0, 25.0, 30.0, 48.0, 50.0, 100.0]


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(OSCILLATORS), st.floats(10, 350))
def test_every_plan_is_legal_and_near(source, target):
    plan = plan_pll(source, target)
    detector = plan.input_mhz / plan.input_div
    assert plan.output_mhz == detector * plan.feedback_div
    assert Fraction("3.125") <= detector <= 400
    assert 400 <= plan.vco_mhz <= 800
    for divider in (plan.input_div, plan.feedback_div, plan.output_div):
        assert 1 <= divider <= 128
    ratio = float(plan.output_mhz) / target
    # the finest step is a detector frequency of 3.125 to 6.25 MHz
    assert abs(ratio - 1) * target <= 6.25
    if ratio < 1:
        assert (1 - ratio) * target <= 6.25 / 2 + 1e-6


@pytest.mark.parametrize(
    ("source", "target", "dividers"),
    [
        # (CLKI, CLKFB, CLKOP); the second as Project Trellis's ecppll gives it
        (25, 100, (1, 4, 6)),
        (25, 106.25, (4, 17, 6)),
        (48, 100, (12, 25, 6)),
        (100, 125, (4, 5, 5)),
    ],
)
def test_known_plans(source, target, dividers):
    plan = plan_pll(source, target)
    assert (plan.input_div, plan.feedback_div, plan.output_div) == dividers
    assert float(plan.output_mhz) == target


def test_rather_above_than_below():
    assert float(plan_pll(25, 106).output_mhz) == 106.25
    # 103.125 is nearer, but below
    assert 104.5 <= float(plan_pll(25, 104.5).output_mhz) <= 104.5 * 1.05


@pytest.mark.parametrize("target", [0, 3, 401, -1, math.nan, math.inf])
def test_impossible_clock(target):
    with pytest.raises(CannotMeetError, match=r"clock_mhz must be 3\.125 to 400 MHz"):
        plan_pll(25, target)


def test_impossible_oscillator():
    with pytest.raises(CannotMeetError, match="the board's clock must be 8 to 400 MHz"):
        plan_pll(1, 100)


def test_type(refusing):
    with pytest.raises(TypeError, match="settings must be PllSettings"):
        Pll(100)


def test_the_largest_input_divider():
    plan = plan_pll(400, 400 * 33 / 128)
    assert (plan.input_div, plan.feedback_div) == (128, 33)


@pytest.mark.parametrize("ends", [(8, 8), (8, 400), (400, 3.125), (400, 400), (25, 3.125)])
def test_the_ends_of_what_it_takes_and_makes(ends):
    assert float(plan_pll(*ends).output_mhz) == ends[1]


def every_plan(source):
    """Return each output frequency that there is, with its dividers."""
    found = {}
    for input_div in range(1, 129):
        detector = Fraction(source) / input_div
        if not Fraction("3.125") <= detector <= 400:
            continue
        for feedback_div in range(1, 129):
            output = detector * feedback_div
            if Fraction("3.125") <= output <= 400:
                divs = [div for div in range(1, 129) if 400 <= output * div <= 800]
                found.setdefault(output, []).extend((input_div, feedback_div, d) for d in divs)
    return found


@pytest.mark.parametrize("source", [12, 25, 100])
def test_the_best_of_all_plans(source):
    every = every_plan(source)
    for target in (7, 33.3, 61, 99.9, 130, 187.5, 250, 333, 399):
        plan = plan_pll(source, target)
        exact = Fraction(target).limit_denominator(1_000_000)
        above = [one for one in every if exact <= one <= exact * Fraction("1.05")]
        best = min(above or every, key=lambda one: abs(one - exact))
        assert plan.output_mhz == best
        # Fastest detector, then the VCO nearest to the middle.
        dividers = min(every[best], key=lambda d: (d[0], abs(best * d[2] - 600)))
        assert (plan.input_div, plan.feedback_div, plan.output_div) == dividers


@pytest.mark.parametrize("reset", [True, False])
def test_what_the_cell_is_given(monkeypatch, reset):
    seen = {}
    real = pll.Instance

    def noted(kind, **named):
        seen[kind] = named
        return real(kind, **named)

    ports = (io.SimulationPort(io.Direction.Input, 1), io.SimulationPort(io.Direction.Input, 1))
    resets = []

    def synchroniser(until, **named):
        resets.append((until, named))
        return Module()

    monkeypatch.setattr(pll, "Instance", noted)
    monkeypatch.setattr(pll, "ResetSynchronizer", synchroniser)
    monkeypatch.setattr(
        pll, "request_clock", lambda platform: (ports[0], ports[1] if reset else None)
    )
    platform = Platform()
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.pll = Pll(plan_pll(25, 106.25))
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
