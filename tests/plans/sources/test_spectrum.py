"""The spectrum by FFT as a plan."""

from __future__ import annotations

import pytest

from hwgen.errors import CannotMeetError
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.layout import Layout
from hwgen.plans.sources.spectrum import SpectrumPlan
from hwgen.quantized import Precision
from hwgen.quantized.ops import spectrum
from tests.rules import front_end


def quantized(window: int) -> spectrum.QuantizedSpectrum:
    return front_end(spectrum, Spectrum("spectrum", window), Precision(), 1.0, 5)


@pytest.mark.parametrize(("window", "flying"), [(16, 2), (128, 2), (256, 2), (512, 4), (2048, 4)])
def test_numbers(window, flying):
    op = quantized(window)
    plan = SpectrumPlan(op, Layout(4, 0, op.points), 9, window)
    timing = plan.timing
    assert (timing.in_flight, timing.pause, timing.lead) == (flying, 1, window)
    assert timing.interval >= window
    assert [name for name, _ in timing.breakdown] == ["FFT", "magnitude"]
    assert timing.breakdown[0] == ("FFT", plan.transform_latency)
    assert plan.spaced(10**6) is plan
    assert (plan.write_width, plan.write_words, plan.adc_bits) == (36, window // 8, 16)


def test_windows_do_not_overlap():
    op = quantized(16)
    layout = Layout(4, 0, 8)
    assert SpectrumPlan.of(op, layout, 8, None).hop == 16
    assert SpectrumPlan.of(op, layout, 8, 16).hop == 16
    with pytest.raises(CannotMeetError, match="hop must be 16, the window, with an FFT, not 8"):
        SpectrumPlan.of(op, layout, 8, 8)
    with pytest.raises(ValueError, match="hop must be 16, the window, not 8"):
        SpectrumPlan(op, layout, 8, 8)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"layout": Layout(2, 0, 7)}, "layout must be of 8 features, not 7"),
        ({"value_width": 7}, "value_width must be at least 8, not 7"),
    ],
)
def test_what_is_refused(changes, text):
    given = {"layout": Layout(2, 0, 8), "value_width": 8, "hop": 16} | changes
    with pytest.raises(ValueError, match=f"^{text}$"):
        SpectrumPlan(quantized(16), **given)
