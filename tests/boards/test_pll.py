"""The PLL's dividers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.boards.pll import Pll, plan_pll
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
