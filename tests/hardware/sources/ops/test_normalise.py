"""Windows that are normalised by themselves, against the golden model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.hardware.sources.ops.normalise import Normalise as Part
from hwgen.network.ops.normalise import METHODS, Normalise
from hwgen.plans import depths
from hwgen.plans.layout import Layout
from hwgen.plans.sources.normalise import NormalisePlan
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.normalise import QuantizedNormalise
from hwgen.quantized.samples import sampled
from tests.hardware.sources.samples import WATCH, Stimulus, as_they_come, packed, rows

WIDTH = 7


def quantized(method: str, channels: int, samples: int, adc: int = 9) -> QuantizedNormalise:
    bits = Precision(adc=adc, feature=6)
    shape = (samples,) if channels == 1 else (channels, samples)
    op = integer_op(Normalise("x", method), (sampled(shape, bits, 1.0),), bits, Chosen())
    most = int(np.abs(golden.accumulate(op, windows_of(op, 8))).max()).bit_length()
    # Some saturate.
    return op.shifted(max(0, most - 6))


def windows_of(op: QuantizedNormalise, count: int, seed: int = 1) -> Integers:
    """Return ``(count, channels, samples)``: loud and quiet ones, ends, constants, one peak."""
    rng = np.random.default_rng(seed)
    low, high = op.sample.min, op.sample.max
    shape = count, op.channels, op.samples
    drawn = rng.integers(low, high + 1, shape) * 2.0 ** rng.uniform(-5, 0, (count, op.channels, 1))
    drawn += rng.integers(low, high + 1, (count, op.channels, 1)) // 2
    drawn = drawn.astype(np.int64).clip(low, high)
    drawn[0] = rng.choice([low, low + 1, high - 1, high], shape[1:])
    if count > 2:
        drawn[1, 0], drawn[2] = low, 0
        drawn[2, -1, -1] = high
    return drawn


def part(op: QuantizedNormalise, lanes: int = 4, padding: int = 0) -> Part:
    elements = op.channels * op.samples
    return Part(NormalisePlan(op, Layout(lanes, padding, elements), WIDTH, elements))


def played(play, dut: Part, stimulus: Stimulus, **fields):
    cycles = stimulus.length + dut.plan.timing.latency + 9
    return play(dut, stimulus.inputs, WATCH, cycles=cycles, **fields)


def waited(stimulus: Stimulus, dut: Part) -> None:
    """Let the time pass in which a window is measured."""
    for _ in range(dut.plan.measuring):
        stimulus.put()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("channels", "samples", "lanes", "padding", "gaps"),
    [(1, 13, 1, 0, False), (3, 8, 4, 9, True), (1, 2, 3, 2, False)],
)
def test_words_are_the_golden_models(
    *, play, pack, method, channels, samples, lanes, padding, gaps
):
    op = quantized(method, channels, samples)
    dut = part(op, lanes, padding)
    windows = windows_of(op, 5)
    stimulus, rng = Stimulus(), np.random.default_rng(2) if gaps else None
    for window in as_they_come(windows):
        stimulus.window(window, rng)
        waited(stimulus, dut)
    trace = played(play, dut, stimulus)
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, windows, layout, WIDTH)
    done = np.flatnonzero(trace["done"]).tolist()
    assert done == [last + dut.plan.timing.latency for last in stimulus.lasts]
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    begun = [last + dut.plan.measuring for last in stimulus.lasts]
    assert np.flatnonzero(trace["begin"]).tolist() == begun
    low = list(itertools.chain.from_iterable(range(last + 1, b + 1) for last, b in
                                             zip(stimulus.lasts, begun, strict=True)))  # fmt: skip
    assert np.flatnonzero(np.array(trace["samples.ready"]) == 0).tolist() == low
    assert sum(trace["write.enable"]) == 5 * dut.plan.words
    if not gaps:
        assert (np.diff(done) == dut.plan.timing.interval).all()
    assert dut.plan.measuring > depths.NORMALISE_SETTLE


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("adc", "samples"), [(4, 12), (12, 100), (16, 64), (16, 70)])
def test_other_widths(play, pack, method, adc, samples):
    op = quantized(method, 2, samples, adc)
    dut = part(op)
    windows = windows_of(op, 6, seed=adc)
    stimulus = Stimulus()
    for window in as_they_come(windows):
        stimulus.window(window)
        waited(stimulus, dut)
    trace = played(play, dut, stimulus)
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)


@pytest.mark.parametrize("method", ["mean", "z-score"])
def test_values_wait_for_room_and_the_next_window_for_them(play, pack, method):
    op = quantized(method, 2, 6)
    dut = part(op, 4, 1)
    windows = windows_of(op, 2)
    first, second = as_they_come(windows)
    stimulus = Stimulus()
    stimulus.window(first)
    held = dut.plan.measuring + 7
    for _ in range(held):
        stimulus.put(valid=1, first=1, value=second[0], room=0)
    # In this cycle there is room, and in the next one a window may begin, if it is permitted.
    stimulus.put(valid=1, first=1, value=second[0])
    for _ in range(3):
        stimulus.put(valid=1, first=1, value=second[0], permit=0, room=0)
    stimulus.window(second, room=0)
    stimulus.put(valid=0)
    trace = played(play, dut, stimulus)
    begun = stimulus.lasts[0] + held + 1
    ready = trace["samples.ready"]
    assert not any(ready[stimulus.lasts[0] + 1 : begun + 4])
    assert all(ready[begun + 4 : stimulus.lasts[1] + 1])
    second_begun = stimulus.lasts[1] + dut.plan.measuring
    assert np.flatnonzero(trace["begin"]).tolist() == [begun, second_begun]
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)


@pytest.mark.parametrize("method", ["mean", "z-score", "min-max"])
@pytest.mark.parametrize("taken", [1, 2, 5, 11])
@pytest.mark.parametrize("how", ["abandoned", "abandoned for long", "begun anew"])
def test_a_window_that_is_given_up_leaves_nothing(*, play, pack, method, taken, how):
    op = quantized(method, 2, 6)
    dut = part(op, 4, 2)
    windows = windows_of(op, 2)
    spoilt, good = as_they_come(windows)
    stimulus = Stimulus()
    stimulus.window(spoilt[:taken])
    stimulus.given_up(how)
    begin = stimulus.length
    stimulus.window(good)
    stimulus.put()
    trace = played(play, dut, stimulus)
    assert np.flatnonzero(trace["complete"]).tolist() == [begin + 11]
    assert np.flatnonzero(trace["done"]).tolist() == [begin + 11 + dut.plan.timing.latency]
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, windows, layout, WIDTH)[1:]


@pytest.mark.parametrize("moment", ["in the window", "measuring", "leaving"])
def test_reset(play, pack, moment):
    op = quantized("z-score", 2, 6)
    dut = part(op, 4, 1)
    windows = windows_of(op, 2)
    spoilt, good = as_they_come(windows)
    stimulus = Stimulus()
    stimulus.window(spoilt[:5] if moment == "in the window" else spoilt)
    after = {"in the window": 1, "measuring": 25, "leaving": dut.plan.measuring + 4}[moment]
    for _ in range(after):
        stimulus.put()
    begin = stimulus.length
    stimulus.window(good)
    stimulus.put()
    trace = played(play, dut, stimulus, reset=[begin - 1])
    later = {name: values[begin:] for name, values in trace.items()}
    expected = packed(pack, op, windows, dut.plan.layout, WIDTH)
    assert rows(later, dut.plan.layout) == expected[1:]


@pytest.mark.parametrize("method", METHODS)
def test_samples_before_any_first_and_behind_the_last_are_ignored(play, pack, method):
    op = quantized(method, 1, 7)
    dut = part(op, 4)
    windows = windows_of(op, 3)
    stimulus = Stimulus()
    for window in as_they_come(windows):
        for _ in range(5):
            stimulus.put(valid=1, first=0, value=9)
        stimulus.window(window)
        for _ in range(dut.plan.measuring + 3):
            stimulus.put(valid=1, first=0, value=9)
    trace = played(play, dut, stimulus)
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)
