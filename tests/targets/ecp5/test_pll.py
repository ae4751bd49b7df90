"""The PLL's dividers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import CannotMeetError
from hwgen.targets.ecp5.pll import plan_pll

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
