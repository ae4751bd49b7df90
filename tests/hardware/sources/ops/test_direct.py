"""Samples as they come: rounded, saturated, packed into words."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format, Integers
from hwgen.hardware.sources.ops.direct import Direct
from hwgen.plans.layout import Layout
from hwgen.plans.sources.direct import DirectPlan
from hwgen.quantized.ops.direct import QuantizedDirect
from tests.hardware.sources.samples import WATCH, WIDTH, Stimulus, as_they_come, packed, rows


def quantized(channels: int, samples: int, *, shift: int = 3, adc: int = 9, out: int = 5):
    return QuantizedDirect(
        name="x",
        channels=channels,
        samples=samples,
        sample=Format(True, adc - 1, 0),
        shift=shift,
        out=Format(True, out - 1, 0),
        scale=np.ones(channels),
    )


def part(op: QuantizedDirect, lanes: int = 4, padding: int = 0) -> Direct:
    elements = op.channels * op.samples
    return Direct(DirectPlan(op, Layout(lanes, padding, elements), WIDTH, elements))


def windows_of(op: QuantizedDirect, count: int, seed: int = 1) -> Integers:
    """Return ``(count, channels, samples)``, the first of the format's ends."""
    rng = np.random.default_rng(seed)
    low, high = op.sample.min, op.sample.max
    drawn = rng.integers(low, high + 1, (count, op.channels, op.samples))
    drawn[0] = rng.choice([low, low + 1, high - 1, high], drawn.shape[1:])
    return drawn


@pytest.mark.parametrize(("channels", "samples"), [(1, 16), (1, 13), (3, 7), (2, 1), (1, 1)])
@pytest.mark.parametrize(("lanes", "padding"), [(1, 0), (4, 0), (3, 2), (4, 9), (8, 24), (40, 3)])
@pytest.mark.parametrize("gaps", [False, True])
def test_words_are_the_golden_models(*, play, pack, channels, samples, lanes, padding, gaps):
    op = quantized(channels, samples)
    dut = part(op, lanes, padding)
    windows = windows_of(op, 4)
    stimulus, rng = Stimulus(), np.random.default_rng(2) if gaps else None
    for window in as_they_come(windows):
        stimulus.window(window, rng)
    stimulus.put()
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)
    done = np.flatnonzero(trace["done"]).tolist()
    assert done == [last + dut.plan.timing.latency for last in stimulus.lasts]
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    firsts = [
        cycle
        for cycle in range(stimulus.length)
        if stimulus.inputs["samples.valid"][cycle] and stimulus.inputs["samples.p.first"][cycle]
    ]
    assert np.flatnonzero(trace["begin"]).tolist() == firsts
    assert all(trace["samples.ready"])
    # Words of padding alone are not written.
    written = np.flatnonzero(trace["write.enable"])
    assert len(written) == 4 * dut.plan.words
    if not gaps:
        assert (np.diff(done) == dut.plan.timing.interval).all()


@pytest.mark.parametrize("shift", [0, 1, 4, 8])
@pytest.mark.parametrize(("adc", "out"), [(9, 5), (6, 6), (9, 2)])
def test_every_sample_is_rounded_and_saturated(play, pack, shift, adc, out):
    op = quantized(1, 1 << adc, shift=shift, adc=adc, out=out)
    dut = part(op)
    windows = np.arange(-(1 << adc - 1), 1 << adc - 1).reshape(1, 1, -1)
    stimulus = Stimulus()
    stimulus.window(windows[0, 0])
    stimulus.put()
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)


@pytest.mark.parametrize("port", ["permit", "room"])
def test_a_window_waits_for_its_place_and_is_not_stopped_in_it(play, pack, port):
    op = quantized(2, 6)
    dut = part(op, 4, 1)
    windows = windows_of(op, 2)
    stimulus = Stimulus()
    (first, second) = as_they_come(windows)
    for _ in range(5):
        stimulus.put(valid=1, first=1, value=first[0], **{port: 0})
    stimulus.put(valid=1, first=1, value=first[0])
    # From its second sample on a window does not ask.
    for value in first[1:]:
        stimulus.put(valid=1, first=0, value=value, **{port: 0})
    for _ in range(4):
        stimulus.put(valid=1, first=1, value=second[0], **{port: 0})
    stimulus.put(valid=1, first=1, value=second[0])
    for value in second[1:]:
        stimulus.put(valid=1, first=0, value=value, **{port: 0})
    stimulus.put(**{port: 0})
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    ready = trace["samples.ready"]
    assert ready[:21] == [0] * 5 + [1] * 12 + [0] * 4
    assert ready[21:33] == [1] * 12
    assert np.flatnonzero(trace["begin"]).tolist() == [5, 21]
    assert np.flatnonzero(trace["complete"]).tolist() == [16, 32]
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)


@pytest.mark.parametrize("taken", [1, 2, 5, 8, 11])
@pytest.mark.parametrize("how", ["abandoned", "abandoned for long", "begun anew"])
def test_a_window_that_is_given_up_leaves_its_room(*, play, pack, taken, how):
    op = quantized(1, 12)
    dut = part(op, 4, 2)
    windows = windows_of(op, 2)
    spoilt, good = as_they_come(windows)
    stimulus = Stimulus()
    stimulus.window(spoilt[:taken])
    stimulus.given_up(how, room=0)
    begin = stimulus.length
    stimulus.window(good, room=0)
    stimulus.put()
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    # The room is taken once, and is the next window's.
    assert np.flatnonzero(trace["begin"]).tolist() == [0]
    assert np.flatnonzero(trace["complete"]).tolist() == [begin + 11]
    assert np.flatnonzero(trace["done"]).tolist() == [begin + 11 + dut.plan.timing.latency]
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, windows, layout)[1:]


def test_a_first_sample_while_abandoning_is_lost(play, pack):
    op = quantized(1, 6)
    dut = part(op, 4)
    windows = windows_of(op, 1)
    stimulus = Stimulus()
    stimulus.put(valid=1, first=1, value=3, abandon=1)
    for _ in range(3):
        stimulus.put(valid=1, first=0, value=3)
    begin = stimulus.length
    stimulus.window(as_they_come(windows)[0])
    stimulus.put()
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    assert np.flatnonzero(trace["begin"]).tolist() == [begin]
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)


def test_samples_before_any_first_and_behind_the_last_are_ignored(play, pack):
    op = quantized(1, 6)
    dut = part(op, 4)
    windows = windows_of(op, 2)
    stimulus = Stimulus()
    for window in as_they_come(windows):
        for _ in range(5):
            stimulus.put(valid=1, first=0, value=9)
        stimulus.window(window)
    for _ in range(5):
        stimulus.put(valid=1, first=0, value=9)
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6)
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    assert sum(trace["write.enable"]) == 2 * dut.plan.words
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)


@pytest.mark.parametrize("taken", [1, 3, 6])
def test_reset_in_mid_window(play, pack, taken):
    op = quantized(1, 6)
    dut = part(op, 4, 1)
    windows = windows_of(op, 2)
    spoilt, good = as_they_come(windows)
    stimulus = Stimulus()
    stimulus.window(spoilt[:taken])
    stimulus.put()
    begin = stimulus.length
    stimulus.window(good)
    stimulus.put()
    trace = play(dut, stimulus.inputs, WATCH, cycles=stimulus.length + 6, reset=[begin - 1])
    assert np.flatnonzero(trace["begin"]).tolist() == [0, begin]
    later = {name: values[begin:] for name, values in trace.items()}
    assert rows(later, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout)[1:]
