"""Windows that are normalised by themselves, as a plan."""

from __future__ import annotations

import pytest

from hwgen import targets
from hwgen.errors import CannotMeetError
from hwgen.network.ops.normalise import METHODS, Normalise
from hwgen.plans.layout import Layout
from hwgen.plans.sources.normalise import NormalisePlan
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.normalise import QuantizedNormalise
from hwgen.quantized.samples import sampled


def quantized(method: str, channels: int, samples: int, adc: int = 12) -> QuantizedNormalise:
    shape = (samples,) if channels == 1 else (channels, samples)
    bits = Precision(adc=adc)
    return integer_op(Normalise("x", method), (sampled(shape, bits, 1.0),), bits, Chosen(9))


def planned(op: QuantizedNormalise, lanes: int = 4) -> NormalisePlan:
    elements = op.channels * op.samples
    return NormalisePlan.of(op, Layout(lanes, 0, elements), op.out.width + 1, None)


@pytest.mark.parametrize("method", METHODS)
def test_numbers(method):
    plan = planned(quantized(method, 3, 20))
    timing = plan.timing
    assert (plan.elements, plan.values, plan.hop) == (60,) * 3
    assert (timing.pause, timing.lead, timing.closed) == (1, 60, plan.measuring)
    # The window leaves a sample a cycle when it is complete, and the next one comes meanwhile.
    assert timing.interval == 60 + plan.measuring
    assert 60 < timing.latency - plan.measuring < 60 + 20
    assert (plan.streams, plan.accumulates, plan.adc_bits) == (False, False, 12)
    assert plan.spaced(1000) is plan


def test_a_channel_takes_its_time_after_the_other():
    one, two, three = (planned(quantized("z-score", n, 64)).measuring for n in (1, 2, 3))
    assert three - two == two - one > 40
    assert (
        planned(quantized("mean", 2, 64)).measuring
        == planned(quantized("mean", 1, 64)).measuring + 1
    )


@pytest.mark.parametrize(
    ("method", "samples", "dsp"),
    [("mean", 64, 0), ("mean", 60, 1), ("max-abs", 60, 1), ("min-max", 64, 1), ("z-score", 64, 2),
     ("z-score", 60, 3)],
)  # fmt: skip
def test_multipliers(method, samples, dsp):
    """Of squares, of samples times their number where that is no power of two, of reciprocals."""
    op = quantized(method, 1, samples)
    cells = planned(op).cells(targets.find("ecp5"))
    assert (NormalisePlan.dsp_of(op, 1), cells["dsp"]) == (dsp, dsp)


def test_block_rams_are_those_of_a_window_and_a_table():
    ecp5 = targets.find("ecp5")
    assert planned(quantized("mean", 1, 1024, 16)).cells(ecp5)["ebr"] == 1
    assert planned(quantized("mean", 3, 2048, 16)).cells(ecp5)["ebr"] == 6
    assert planned(quantized("z-score", 1, 1024, 16)).cells(ecp5)["ebr"] == 2


@pytest.mark.parametrize("hop", [1, 19, 21, 60])
def test_windows_do_not_overlap(hop):
    with pytest.raises(CannotMeetError, match=r"^hop must be 20.* windows are normalised, not"):
        NormalisePlan.of(quantized("mean", 3, 20), Layout(4, 0, 60), 8, hop)
