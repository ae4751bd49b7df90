"""The whole front-end: samples in, words of features out."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.hardware.sources.ops.spectrum import SpectrumFrontEnd
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.layout import Layout
from hwgen.plans.sources.spectrum import SpectrumPlan
from hwgen.quantized import Precision
from hwgen.quantized.ops import spectrum
from tests.hardware.sources.samples import memories
from tests.rules import front_end

WATCH = [
    "samples.ready",
    "complete",
    "begin",
    "done",
    "write.enable",
    "write.address",
    "write.data",
]


def quantized(window: int, ends=(None, None), **bits) -> spectrum.QuantizedSpectrum:
    return front_end(spectrum, Spectrum("spectrum", window, *ends), Precision(**bits), 1.0, 5)


def samples(op: spectrum.QuantizedSpectrum, count: int, seed: int) -> np.ndarray:
    limit = 1 << (op.sample.width - 1)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(-limit, limit, (count, op.window))
    drawn[0] = np.where(np.arange(op.window) % 2, -limit, limit - 1)
    return drawn


def run(play, dut, op, windows: np.ndarray, *, rng=None, room=None):
    """Send windows as fast as `ready` allows (it is always high here) or with random gaps."""
    inputs = {name: [] for name in ("samples.valid", "samples.p.first", "samples.p.value")}
    lasts = []
    for window in windows:
        for index, value in enumerate(window.tolist()):
            for _ in range(rng.integers(0, 3) if rng else 0):
                for name, item in zip(inputs, (0, 1, -1), strict=True):
                    inputs[name].append(item)
            for name, item in zip(inputs, (1, index == 0, value), strict=True):
                inputs[name].append(int(item))
        lasts.append(len(inputs["samples.valid"]) - 1)
    for cycles in inputs.values():
        cycles.append(0)
    inputs |= {"permit": [1], "room": room or [1]}
    length = len(inputs["samples.valid"]) + dut.plan.timing.latency + 2 * dut.plan.timing.interval
    return play(dut, inputs, WATCH, cycles=length), lasts


def rows(trace, layout: Layout, width: int) -> list[list[int]]:
    """Return the features in memory at each `done`."""
    places = [divmod(layout.padding + i, layout.lanes) for i in range(layout.length)]
    mask = (1 << width) - 1
    return [
        [memory[word] >> (lane * width) & mask for word, lane in places]
        for memory in memories(trace)
    ]


@pytest.mark.parametrize(
    ("window", "lanes", "padding", "bits"),
    [
        (16, 4, 1, {}),
        (32, 3, 0, {"feature": 5, "adc": 12}),
        (64, 8, 5, {"magnitude": "max-1/4", "feature": 6}),
        (128, 5, 28, {"twiddle": 10}),
    ],
)
@pytest.mark.parametrize("gaps", [False, True])
def test_features_are_the_golden_models(*, play, window, lanes, padding, bits, gaps):
    op = quantized(window, **bits)
    layout = Layout(lanes, padding, op.points)
    width = op.out.width + 1
    dut = SpectrumFrontEnd(SpectrumPlan(op, layout, width, op.window))
    windows = samples(op, 4, window)
    rng = np.random.default_rng(1) if gaps else None
    trace, lasts = run(play, dut, op, windows[: 4 if window == 32 else 2], rng=rng)
    expected = golden.run_op(op, windows)[:, 0].tolist()
    got = rows(trace, layout, width)
    assert got == expected[: len(got)]
    assert len(got) == len(lasts)
    assert np.flatnonzero(trace["complete"]).tolist() == lasts
    done = np.flatnonzero(trace["done"])
    if gaps or window > 64:
        # Spread out, each window takes the latency from its last sample.
        assert (done == np.array(lasts) + dut.plan.timing.latency).all()
    else:
        assert done[0] == lasts[0] + dut.plan.timing.latency
        assert (np.diff(done) >= dut.plan.timing.interval).all()
        assert done[-1] - done[0] <= dut.plan.timing.interval * (len(done) - 1)


ENDS = [(16, 0), (15, 1), (15, 0), (0, 16), (1, 15), (0, 15), (1, 16)]


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize(("lanes", "padding"), [(1, 0), (2, 1), (4, 3), (3, 5), (16, 0)])
def test_other_bins(*, play, ends, lanes, padding):
    op = quantized(32, ends)
    layout = Layout(lanes, padding, len(op.bins))
    dut = SpectrumFrontEnd(SpectrumPlan(op, layout, 9, op.window))
    windows = samples(op, 3, 7)
    trace, lasts = run(play, dut, op, windows)
    assert rows(trace, layout, 9) == golden.run_op(op, windows)[:, 0].tolist()
    assert np.flatnonzero(trace["done"])[0] == lasts[0] + dut.plan.timing.latency


def test_without_room_a_window_waits(play):
    op = quantized(32)
    layout = Layout(4, 0, op.points)
    dut = SpectrumFrontEnd(SpectrumPlan(op, layout, 9, op.window))
    windows = samples(op, 1, 3)
    begin = 32 + dut.plan.timing.latency + 20
    trace, _ = run(play, dut, op, windows, room=[0] * begin + [1])
    assert np.flatnonzero(trace["begin"]).tolist() == [begin]
    assert np.flatnonzero(trace["write.enable"])[0] > begin
    assert rows(trace, layout, 9) == golden.run_op(op, windows)[:, 0].tolist()
