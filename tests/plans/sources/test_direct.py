"""Samples as they come as a plan."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import targets
from hwgen.errors import CannotMeetError
from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.sources.direct import DirectPlan
from hwgen.quantized.ops.direct import QuantizedDirect


def quantized(channels: int, samples: int) -> QuantizedDirect:
    return QuantizedDirect("x", channels, samples, Format(True, 11, 0), 4, Format(True, 7, 0),
                           np.ones(channels))  # fmt: skip


@pytest.mark.parametrize(("channels", "samples"), [(1, 64), (3, 20)])
def test_numbers(channels, samples):
    elements = channels * samples
    plan = DirectPlan.of(quantized(channels, samples), Layout(4, 2, elements), 9, None)
    timing = plan.timing
    assert (plan.elements, plan.values, plan.hop) == (elements,) * 3
    assert (timing.latency, timing.interval, timing.pause) == (3, elements, 1)
    assert (timing.in_flight, timing.lead) == (2, elements)
    assert plan.adc_bits == 12
    paced = plan.spaced(7 * elements - 1)
    assert (paced.pause, paced.timing.interval, paced.timing.lead) == (7, *2 * (7 * elements,))
    assert (plan.write_width, plan.words) == (36, (elements + 2 + 3) // 4)
    assert (plan.accumulates, plan.dsp) == (False, 0)


@pytest.mark.parametrize("hop", [1, 19, 21, 60])
def test_windows_do_not_overlap(hop):
    with pytest.raises(CannotMeetError, match=r"^hop must be .* where layers read samples, not"):
        DirectPlan.of(quantized(3, 20), Layout(4, 0, 60), 8, hop)


def test_a_hop_of_the_window():
    assert DirectPlan.of(quantized(3, 20), Layout(4, 0, 60), 8, 20).hop == 60


def test_cells():
    ecp5 = targets.find("ecp5")
    small = DirectPlan.of(quantized(1, 64), Layout(2, 0, 64), 8, None).cells(ecp5)
    large = DirectPlan.of(quantized(1, 64), Layout(16, 0, 64), 8, None).cells(ecp5)
    assert (small["dsp"], small["ebr"]) == (0, 0)
    # The word in the making has a register for each bit, and one multiplexer.
    assert 90 <= large["lut4"] - small["lut4"] <= 112


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"layout": Layout(2, 0, 7)}, "layout must be of 60 features, not 7"),
        ({"value_width": 7}, "value_width must be at least 8, not 7"),
        ({"hop": 61}, "hop must be at most 60, the window, not 61"),
    ],
)
def test_what_is_refused(changes, text):
    given = {"layout": Layout(2, 0, 60), "value_width": 8, "hop": 60} | changes
    with pytest.raises(ValueError, match=f"^{text}$"):
        DirectPlan(quantized(3, 20), **given)
