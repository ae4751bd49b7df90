"""The PLL's dividers and its loop."""

from __future__ import annotations

import math

import pytest
from amaranth.hdl import Signal
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import CannotMeetError
from hwgen.targets.nexus import primitives
from hwgen.targets.nexus.loop import loop_settings
from hwgen.targets.nexus.pll import PllSettings, plan_pll


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([18.0, 25.0, 27.0, 100.0, 125.0]), st.floats(6.25, 800))
def test_every_plan_is_legal_and_near(source, target):
    plan = plan_pll(source, target)
    assert plan.detector_mhz == plan.input_mhz / plan.input_div
    assert plan.vco_mhz == plan.detector_mhz * plan.feedback_div
    assert 18 <= plan.detector_mhz <= 500
    assert 800 <= plan.vco_mhz <= 1600
    assert 6.25 <= plan.output_mhz <= 800
    assert all(1 <= div <= 128 for div in (plan.input_div, plan.feedback_div, plan.output_div))
    # Of 1 to 64 VCO frequencies at least half a step away; the fastest outputs have small dividers.
    assert abs(float(plan.output_mhz) / target - 1) <= max(0.05, 14 / target)


@pytest.mark.parametrize(
    ("source", "target", "dividers"),
    [(25, 100, (1, 48, 12)), (25, 50, (1, 48, 24)), (25, 80, (1, 48, 15)), (27, 81, (1, 45, 15))],
)
def test_known_plans(source, target, dividers):
    plan = plan_pll(source, target)
    assert (plan.input_div, plan.feedback_div, plan.output_div) == dividers
    assert float(plan.output_mhz) == target


@pytest.mark.parametrize("target", [0, 6.2, 801, -1, math.nan, math.inf])
def test_impossible_clock(target):
    with pytest.raises(CannotMeetError, match=r"clock_mhz must be 6\.25 to 800 MHz"):
        plan_pll(25, target)


def test_impossible_oscillator():
    with pytest.raises(CannotMeetError, match="the board's clock must be 18 to 500 MHz"):
        plan_pll(12, 48)


def test_a_known_loop():
    """What LiteX's NXPLL, which searches in another way, finds for 25 MHz and a divider of 48."""
    assert loop_settings(plan_pll(25, 100)) == {
        "CSET": "8P", "CRIPPLE": "5P", "V2I_PP_RES": "9K", "IPP_CTRL": "0b0110",
        "BW_CTL_BIAS": "0b1111", "IPP_SEL": "0b1111", "IPI_CMP": "0b1100",
    }  # fmt: skip


@pytest.mark.parametrize(("source", "target"), [(18, 6.25), (27, 54), (125, 100), (500, 800)])
def test_every_plan_has_a_loop(source, target):
    assert len(loop_settings(plan_pll(source, target))) == 7


def test_a_loop_that_none_is():
    """A phase detector that no loop is slow enough for."""
    slow = PllSettings(plan_pll(25, 100).input_mhz / 100, plan_pll(25, 100).output_mhz, 1, 48, 12)
    with pytest.raises(CannotMeetError, match="no stable loop for a divider of 48"):
        loop_settings(slow)


def test_the_cell_counts_from_zero():
    made = primitives.pll(plan_pll(25, 100), Signal(), Signal(), Signal())
    assert {name: made.parameters[name] for name in ("REF_MMD_DIG", "DIVF", "DIVA")} == {
        "REF_MMD_DIG": "1", "DIVF": "47", "DIVA": "11",
    }  # fmt: skip
