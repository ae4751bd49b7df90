"""The spectrum by accumulation as a plan."""

from __future__ import annotations

import pytest

from hwgen.errors import CannotMeetError
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.layout import Layout
from hwgen.plans.sources.dft import DftPlan
from hwgen.quantized import Precision
from hwgen.quantized.ops import dft
from tests.rules import front_end


def quantized(window: int):
    bits = Precision(transform="dft", adc=12, twiddle=12)
    return front_end(dft, Spectrum("spectrum", window), bits, 1.0, 5)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"layout": Layout(2, 0, 7)}, ValueError, "layout must be of 8 features, not 7"),
        ({"value_width": 7}, ValueError, "value_width must be at least 8, not 7"),
        ({"hop": 17}, ValueError, "hop must be at most 16, the window, not 17"),
        ({"hop": 0}, ValueError, "hop must be at least 1, not 0"),
        ({"hop": 2.0}, TypeError, "hop must be an integer, not 2.0"),
        ({"pause": None}, TypeError, "pause must be an integer, not None"),
    ],
)
def test_what_is_refused(changes, error, text):
    given = {"layout": Layout(2, 0, 8), "value_width": 8, "hop": 16} | changes
    with pytest.raises(error, match=f"^{text}$"):
        DftPlan(quantized(16), **given)


@pytest.mark.parametrize(
    ("lanes", "padding", "pause", "words", "apart"),
    [(2, 0, 1, 16, 16), (8, 0, 1, 4, 5), (8, 4, 1, 5, 5), (8, 12, 7, 5, 7), (2, 0, 17, 16, 17)],
)
def test_samples_are_as_far_apart_as_a_sweep_takes(lanes, padding, pause, words, apart):
    plan = DftPlan(quantized(64), Layout(lanes, padding, 32), 8, 64, pause)
    assert (plan.words, plan.bins, plan.dsp) == (words, lanes, 2 * lanes)
    assert plan.timing.pause == apart
    assert plan.timing.interval == 64 * apart
    assert plan.timing.latency == plan.first_latency + words - 1
    assert plan.operand_width == 12


@pytest.mark.parametrize(("cycles", "pause"), [(9, 5), (60, 5), (61, 6), (600, 50)])
def test_windows_are_spaced_by_the_pace_of_samples(cycles, pause):
    plan = DftPlan(quantized(64), Layout(8, 0, 32), 8, 12).spaced(cycles)
    assert plan.timing.pause == pause
    assert plan.timing.interval == 12 * pause >= cycles
    assert plan.operand_width == 13  # the difference of two samples


def test_hops():
    op, layout = quantized(16), Layout(2, 0, 8)
    assert [DftPlan.of(op, layout, 8, hop).hop for hop in (None, 16, 1)] == [16, 16, 1]
    for hop in (0, 17):
        with pytest.raises(CannotMeetError, match=f"hop must be 1 to 16, the window, not {hop}"):
            DftPlan.of(op, layout, 8, hop)
