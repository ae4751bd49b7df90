"""The PLL's dividers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import CannotMeetError
from hwgen.targets.gowin.pll import plan_pll


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([12.0, 27.0, 50.0]), st.floats(8, 400))
def test_every_plan_is_legal_and_near(source, target):
    plan = plan_pll(source, target)
    detector = plan.input_mhz / plan.input_div
    assert plan.output_mhz == detector * plan.feedback_div
    assert 3 <= detector <= 400
    assert 500 <= plan.vco_mhz <= 1200
    assert 1 <= plan.input_div <= 64
    assert 1 <= plan.feedback_div <= 64
    assert plan.output_div in {2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128}
    # The step is a detector frequency: 3 to 6 MHz or, as the feedback's divider is 64 at most, the
    # least above a 64th of the target, which is less than twice that.
    assert abs(float(plan.output_mhz) - target) <= max(6, target / 32)


@pytest.mark.parametrize(
    ("target", "dividers"), [(54, (1, 2)), (48, (9, 16)), (27, (1, 1)), (81, (1, 3))]
)
def test_known_plans(target, dividers):
    plan = plan_pll(27, target)
    assert (plan.input_div, plan.feedback_div) == dividers
    assert float(plan.output_mhz) == target


@pytest.mark.parametrize("target", [0, 3.9, 501, -1, math.nan, math.inf])
def test_impossible_clock(target):
    with pytest.raises(CannotMeetError, match="clock_mhz must be 4 to 500 MHz"):
        plan_pll(27, target)


def test_impossible_oscillator():
    with pytest.raises(CannotMeetError, match="the board's clock must be 3 to 400 MHz"):
        plan_pll(1, 48)
