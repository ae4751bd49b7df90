"""The PLL's dividers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import CannotMeetError
from hwgen.targets.ice40.pll import plan_pll


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([12.0, 16.0, 25.0, 48.0, 100.0]), st.floats(16, 275))
def test_every_plan_is_legal_and_near(source, target):
    plan = plan_pll(source, target)
    assert plan.detector_mhz == plan.input_mhz / plan.input_div
    assert 10 <= plan.detector_mhz <= 133
    assert 533 <= plan.vco_mhz <= 1066
    assert plan.output_mhz == plan.vco_mhz / 2**plan.output_step
    assert 1 <= plan.input_div <= 16
    assert 1 <= plan.feedback_div <= 128
    assert 1 <= plan.output_step <= 6
    # The VCO's step is a detector frequency, of 533 MHz at least and of 20 MHz at most with the
    # largest divider.
    assert abs(float(plan.output_mhz) / target - 1) < 0.04


@pytest.mark.parametrize(
    ("source", "target", "dividers", "filter_range"),
    [
        # As icepll gives them for these frequencies: DIVR, DIVF and DIVQ.
        (12, 24, (0, 63, 5), 1),
        (12, 27, (0, 71, 5), 1),
        (12, 48, (0, 63, 4), 1),
        (100, 50, (0, 7, 4), 5),
        (48, 96, (0, 15, 3), 4),
    ],
)
def test_known_plans(source, target, dividers, filter_range):
    plan = plan_pll(source, target)
    found = (plan.input_div - 1, plan.feedback_div - 1, plan.output_step)
    assert float(plan.output_mhz) == target
    assert found == dividers
    assert plan.filter_range == filter_range


@pytest.mark.parametrize("target", [0, 15.9, 276, -1, math.nan, math.inf])
def test_impossible_clock(target):
    with pytest.raises(CannotMeetError, match="clock_mhz must be 16 to 275 MHz"):
        plan_pll(12, target)


def test_impossible_oscillator():
    with pytest.raises(CannotMeetError, match="the board's clock must be 10 to 133 MHz"):
        plan_pll(8, 24)
