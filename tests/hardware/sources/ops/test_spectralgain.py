"""Gains of a window's bins, against the golden model."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.hardware.sources.ops.spectralgain import SpectralGain as Part
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.plans.layout import Layout
from hwgen.plans.sources.spectralgain import SpectralGainPlan
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain
from hwgen.quantized.samples import sampled
from tests.hardware.sources.samples import WATCH, Stimulus, packed, rows

WIDTH = 9


def quantized(
    window: int, *, feature: int = 8, halved: tuple[int, ...] = (), **bits
) -> QuantizedSpectralGain:
    """Return gains of noise; stages of the numbers `halved` are, beside those that must be."""
    rng = np.random.default_rng(window)
    real, imag = rng.normal(size=(2, window // 2 + 1))
    imag[[0, -1]] = 0
    layer, widths = SpectralGain("gain", real, imag), Precision(feature=feature, **bits)
    op = integer_op(layer, (sampled((window,), widths, 1.0),), widths, Chosen())
    every = tuple(half or number in halved for number, half in enumerate(op.halved))
    op = dataclasses.replace(op, halved=every)
    most = int(np.abs(golden.accumulate(op, windows_of(op, 8))).max()).bit_length()
    # Some saturate.
    return op.shifted(max(0, most - feature))


def windows_of(op: QuantizedSpectralGain, count: int, seed: int = 1) -> Integers:
    """Return ``(count, window)``: full scale, noise, one peak, silence."""
    rng = np.random.default_rng(seed)
    low, high = op.sample.min, op.sample.max
    drawn = rng.integers(low, high + 1, (count, op.window))
    drawn[0] = rng.choice([low, high], op.window)
    if count > 3:
        drawn[1] = np.where(np.arange(op.window) == 1, high, 0)
        drawn[2] = low
    return drawn


def part(op: QuantizedSpectralGain, lanes: int = 4, padding: int = 0, width: int = WIDTH) -> Part:
    return Part(SpectralGainPlan(op, Layout(lanes, padding, op.window), width, op.window))


def waited(stimulus: Stimulus, cycles: int) -> None:
    for _ in range(cycles):
        stimulus.put()


def played(play, dut: Part, stimulus: Stimulus, more: int = 0, **fields):
    cycles = stimulus.length + dut.plan.timing.latency + 9 + more
    return play(dut, stimulus.inputs, WATCH, cycles=cycles, **fields)


@pytest.mark.parametrize(
    ("window", "lanes", "padding", "gaps", "bits"),
    [
        (16, 1, 0, False, {}),
        (16, 5, 3, True, {"adc": 4, "data": 12, "twiddle": 8}),
        (16, 4, 0, False, {"halved": (0, 2)}),
        (32, 4, 9, True, {"feature": 5, "adc": 12, "halved": (1, 2)}),
        (64, 8, 5, False, {"feature": 16}),
        (256, 3, 31, True, {"twiddle": 10, "data": 12, "adc": 12}),
    ],
)
def test_words_are_the_golden_models(*, play, pack, window, lanes, padding, gaps, bits):
    op = quantized(window, **bits)
    dut = part(op, lanes, padding, max(WIDTH, op.out.width))
    windows = windows_of(op, 4 if window < 64 else 2)
    timing = dut.plan.timing
    stimulus, rng = Stimulus(), np.random.default_rng(2) if gaps else None
    for window_of in windows:
        stimulus.window(window_of, rng)
        waited(stimulus, timing.interval - op.window)
    trace = played(play, dut, stimulus)
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, windows, layout, dut.plan.value_width)
    done = np.flatnonzero(trace["done"]).tolist()
    assert done == [last + timing.latency for last in stimulus.lasts]
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    shut = np.flatnonzero(np.array(trace["samples.ready"]) == 0).tolist()
    assert shut == [last + timing.closed for last in stimulus.lasts]
    assert sum(trace["write.enable"]) == len(windows) * dut.plan.words


@pytest.mark.parametrize("window", [16, 32])
def test_windows_back_to_back_follow_at_the_interval(play, pack, window):
    """Samples are offered every cycle; what cannot be taken waits."""
    op = quantized(window)
    dut = part(op)
    windows = windows_of(op, 5)
    timing = dut.plan.timing
    stimulus, work = Stimulus(), timing.interval
    stimulus.window(windows[0])
    begun = stimulus.lasts[0] + 1  # work on the first
    for index, window_of in enumerate(windows[1:]):
        # Its first sample waits until work on the one before has begun.
        while stimulus.length <= begun:
            stimulus.put(valid=1, first=1, value=window_of[0])
        stimulus.window(window_of)
        begun = max(begun + work, stimulus.lasts[-1] + 1)
        assert begun == stimulus.lasts[0] + 1 + (index + 1) * work
    trace = played(play, dut, stimulus, more=2 * timing.interval)
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)
    done = np.flatnonzero(trace["done"])
    assert done[0] == stimulus.lasts[0] + timing.latency
    assert (np.diff(done) == timing.interval).all()
    ready = trace["samples.ready"]
    taken = [cycle for cycle, valid in enumerate(stimulus.inputs["samples.valid"]) if valid]
    assert sum(ready[cycle] for cycle in taken) == 5 * window


def test_values_wait_for_room(play, pack):
    op = quantized(16)
    dut = part(op, 4, 1)
    windows = windows_of(op, 2)
    timing = dut.plan.timing
    leaving = timing.breakdown[-1][1]
    stimulus = Stimulus()
    stimulus.window(windows[0], room=0)
    for cycle in range(timing.latency - leaving + 7):
        stimulus.put(room=0, permit=cycle > 3, valid=cycle > 5, first=0)
    stimulus.window(windows[1], room=0)
    stimulus.put()
    trace = played(play, dut, stimulus, more=2 * timing.interval)
    begun = stimulus.length - 1
    second = begun + timing.interval
    assert np.flatnonzero(trace["begin"]).tolist() == [begun, second]
    assert np.flatnonzero(trace["done"]).tolist() == [begun + leaving, second + leaving]
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)
    ready = trace["samples.ready"]
    shut = stimulus.lasts[0] + 1
    assert ready[shut : shut + 6] == [0, 0, 0, 0, 1, 1]  # without permit none begins


@pytest.mark.parametrize("taken", [1, 2, 7, 15])
@pytest.mark.parametrize("how", ["abandoned", "abandoned for long", "begun anew"])
def test_a_window_that_is_given_up_leaves_nothing(*, play, pack, taken, how):
    op = quantized(16)
    dut = part(op, 4, 2)
    spoilt, good = windows_of(op, 2, seed=3)
    stimulus = Stimulus()
    stimulus.window(spoilt[:taken])
    stimulus.given_up(how)
    begin = stimulus.length
    stimulus.window(good)
    stimulus.put()
    trace = played(play, dut, stimulus)
    assert np.flatnonzero(trace["complete"]).tolist() == [begin + 15]
    assert np.flatnonzero(trace["done"]).tolist() == [begin + 15 + dut.plan.timing.latency]
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, np.stack([good]), layout, WIDTH)


def test_a_window_that_is_given_up_meanwhile_spoils_none(play, pack):
    """One is worked on; of those that follow it two are not completed."""
    op = quantized(32)
    dut = part(op, 4, 2)
    windows = windows_of(op, 4)
    stimulus = Stimulus()
    stimulus.window(windows[0])
    stimulus.put()
    stimulus.window(windows[1][:9])
    stimulus.given_up("abandoned")
    stimulus.window(windows[2][:30])
    stimulus.window(windows[3])
    stimulus.put()
    trace = played(play, dut, stimulus, more=dut.plan.timing.interval)
    layout = dut.plan.layout
    assert rows(trace, layout) == packed(pack, op, windows[[0, 3]], layout, WIDTH)


@pytest.mark.parametrize("moment", ["taken", "there", "gains", "back", "leaving"])
def test_reset(play, pack, moment):
    op = quantized(16)
    dut = part(op, 4, 1)
    spoilt, good = windows_of(op, 2, seed=4)
    timing = dut.plan.timing
    there, gains, back = (cycles for _, cycles in timing.breakdown[:3])
    after = {"taken": 1, "there": there // 2, "gains": there + gains // 2,
             "back": there + gains + back // 2, "leaving": timing.latency - 5}[moment]  # fmt: skip
    stimulus = Stimulus()
    stimulus.window(spoilt)
    waited(stimulus, after)
    begin = stimulus.length
    stimulus.window(good)
    stimulus.put()
    trace = played(play, dut, stimulus, reset=[begin - 1])
    later = {name: values[begin:] for name, values in trace.items()}
    expected = packed(pack, op, np.stack([good]), dut.plan.layout, WIDTH)
    assert rows(later, dut.plan.layout) == expected


def test_samples_before_any_first_and_behind_the_last_are_ignored(play, pack):
    op = quantized(16)
    dut = part(op, 4)
    windows = windows_of(op, 3)
    stimulus = Stimulus()
    for window in windows:
        for _ in range(5):
            stimulus.put(valid=1, first=0, value=9)
        stimulus.window(window)
        for _ in range(dut.plan.timing.interval):
            stimulus.put(valid=1, first=0, value=9)
    trace = played(play, dut, stimulus)
    assert np.flatnonzero(trace["complete"]).tolist() == stimulus.lasts
    assert rows(trace, dut.plan.layout) == packed(pack, op, windows, dut.plan.layout, WIDTH)
