"""A source with the first layers behind it: what is refused, and how it is paced."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from hwgen.errors import CannotMeetError
from hwgen.plans.layout import Layout
from hwgen.plans.sources.unrolled import UnrolledSourcePlan
from hwgen.plans.split import split
from hwgen.plans.step import Array
from tests.integer_graphs import Maker, small_mixed


def parts_of(first, window, filters, kernel, *, stride=1, pool=1, channels=1, **fields):
    """Return a split network: a convolution, perhaps a pooling, and a last layer."""
    make = Maker(np.random.default_rng(kernel))
    begun = make.begin(first, window, channels)
    names = [make.conv(begun, filters, kernel, stride=stride, **fields)]
    if pool > 1:
        names.append(make.max_pool(names[-1], pool))
    make.dense(names[-1], 3, last=True)
    return split(make.case.model, names)


@dataclass(frozen=True)
class Behind:
    """What layers say of themselves to the source before them; values have nine bits."""

    source: Layout
    cycles: int
    value_width: int = 9

    def apart(self, front):
        return self.cycles * len(front.timing.breakdown)


def planned(parts, lanes, array_lanes=4, hop=None, cycles=1):
    """Return the plan of what is in front of layers that want windows some cycles apart."""
    shape = parts.features.output.shape
    layers = Behind(Layout(array_lanes, 0, shape[0] * shape[1]), cycles)
    return UnrolledSourcePlan.of_split(parts, layers, lanes, hop)


def test_numbers():
    plan = planned(parts_of("direct", 48, 4, 8, stride=4, pool=2, padding=2), 4)
    assert (plan.elements, plan.adc_bits, plan.hop, plan.dsp) == (48, 8, 48, 0)
    assert (plan.spacing, plan.at_once, plan.beats) == (4, 1, 4)
    assert plan.conv.pace == 2  # two words of zeros complete a group of four values
    assert plan.part == "unrolled.source"
    assert plan.transform == "none"
    steps = dict(plan.timing.breakdown)
    assert steps == {"last sample": 3, "n1": plan.behind}
    assert plan.behind == plan.conv.latency + plan.last_beats + 1
    assert (plan.timing.interval, plan.timing.in_flight, plan.timing.lead) == (48, 2, 48)


def test_more_leave_at_once_where_one_by_one_is_too_slow():
    parts = parts_of("direct", 32, 8, 3, stride=2, padding=1)
    plan = planned(parts, 2, array_lanes=8)
    # Two cycles would do within a window, but not between two of them.
    assert (plan.beats, plan.at_once, plan.spacing) == (1, 8, 2)
    with pytest.raises(CannotMeetError, match="windows follow each other too closely"):
        planned(parts, 2)
    with pytest.raises(CannotMeetError, match="its 8 values must leave within 2 cycles, not 4"):
        planned(parts, 2, array_lanes=2)


@pytest.mark.parametrize(
    ("parts", "lanes", "message"),
    [
        (parts_of("direct", 50, 2, 5, stride=4), 4, "multiple of those that are taken at once"),
        (parts_of("spectrum", 32, 2, 5), 1, "do not come in order from a spectrum"),
        (parts_of("direct", 48, 2, 5, stride=4), 3, "lanes must be a multiple of stride"),
        (parts_of("direct", 16, 2, 5, channels=2), 1, "channels must be 1, not 2"),
    ],
    ids=["rest", "order", "stride", "channels"],
)
def test_what_is_refused(parts, lanes, message):
    with pytest.raises(CannotMeetError, match=message):
        planned(parts, lanes)


def test_windows_by_accumulation_are_spaced():
    plan = planned(parts_of("dft", 32, 2, 4, stride=2, padding=1), 2, hop=8)
    assert plan.hop == 8
    assert plan.spaced(8 * 50).timing.pause == 50
    assert plan.spaced(8 * 50).conv is plan.conv


def test_windows_that_overlap_are_as_far_apart_as_everything_behind_samples_needs():
    parts = parts_of("dft", 32, 2, 4, stride=2, padding=1)
    close = planned(parts, 2, hop=1)
    # The convolution needs them so far apart that a sample later would be too early.
    with pytest.raises(CannotMeetError, match="windows follow each other too closely"):
        replace(close, inner=replace(close.inner, pause=close.timing.pause - 1))
    assert close.timing.pause > close.inner.words
    plan = planned(parts, 2, hop=1, cycles=40)
    # The layers are asked with all steps before them.
    assert (plan.hop, plan.timing.pause, plan.timing.interval) == (1, 80, 80)
    assert planned(parts, 2, hop=8, cycles=40).timing.pause == max(10, close.inner.words)


def test_random_shapes_reach_every_kind():
    fronts = []
    for seed in range(60):
        drain = (1, 1, 2)[seed % 3]
        array = Array(2 * drain, (2, 3, 4)[seed % 3], drain)
        fronts.append(small_mixed(seed, drain, 2).plan(array).front)
    late = {int(np.sign(f.conv.last_word - f.conv.words + 1)) for f in fronts}
    assert late == {-1, 0, 1}
    assert {f.transform for f in fronts} == {"none", "dft"}
    assert {f.conv.pace > 1 and f.conv.flush > 0 for f in fronts} == {True, False}
    assert {f.at_once > 1 for f in fronts} == {True, False}
    assert {f.conv.interval > 1 for f in fronts} == {True, False}
