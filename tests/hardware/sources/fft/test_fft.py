"""The streaming transform against the golden model's."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.fft import multiply, run_stage
from hwgen.hardware.primitives.memory import BlockRam
from hwgen.hardware.sources.fft.fft import StreamingFft, TwiddleMultiplier
from hwgen.plans import depths
from hwgen.quantized import fft


def windows(seed: int, count: int, points: int, adc: int) -> list[np.ndarray]:
    low, high = -(1 << (adc - 1)), (1 << (adc - 1)) - 1
    rng = np.random.default_rng(seed)
    drawn = rng.integers(low, high + 1, (count, 2, points))
    drawn[0] = np.where(rng.integers(0, 2, (2, points)), low, high)
    return list(drawn)


def golden(stages: tuple[fft.Stage, ...], window: np.ndarray) -> np.ndarray:
    """In stream order, that is bit-reversed."""
    value = window[:1], window[1:]
    for stage in stages:
        value = run_stage(stage, value)
    return np.concatenate(value)


@pytest.mark.parametrize(
    ("points", "adc", "data", "twiddle", "most_wait"),
    [
        (8, 16, 18, 18, 0),
        (8, 16, 18, 18, 2),
        (16, 8, 12, 10, 1),
        (32, 12, 18, 9, 0),
        (64, 16, 16, 18, 2),
        (128, 4, 12, 8, 0),
    ],
)
def test_windows_back_to_back_and_with_gaps(*, through, points, adc, data, twiddle, most_wait):
    stages = fft.plan(points, adc, data, twiddle)
    sent = windows(points, 3, points, adc)
    dut = StreamingFft(stages, adc)
    after = dut.latency + 2 * points + 4
    got, places = through(dut, sent, width=adc, most_wait=most_wait, after=after)
    assert len(got) == len(sent)
    for output, window, cycles in zip(got, sent, places, strict=True):
        assert (output.parts == golden(stages, window)).all()
        assert output.cycles[0] == cycles[-1] + dut.latency
        assert output.cycles[-1] == output.cycles[0] + 2 * (points - 1)


@pytest.mark.parametrize("length", [1, 7, 16, 17, 25, 31])
def test_a_window_abandoned_in_the_middle(through, length):
    points = 32
    stages = fft.plan(points, 16, 18, 18)
    whole = windows(length, 5, points, 16)
    sent = [whole[0], whole[1][:, :length], whole[2], whole[3][:, : points - length], whole[4]]
    dut = StreamingFft(stages, 16)
    got, _ = through(dut, sent, width=16, after=dut.latency + 2 * points + 4)
    complete = [output.parts for output in got if output.parts.shape[1] == points]
    assert len(complete) == 3
    for parts, window in zip(complete, whole[::2], strict=True):
        assert (parts == golden(stages, window)).all()


def test_reset_in_the_middle(through):
    points = 16
    stages = fft.plan(points, 16, 18, 18)
    sent = windows(1, 3, points, 16)
    dut = StreamingFft(stages, 16)
    # In the second window, when the first one's results are still on their way.
    got, places = through(
        dut, sent, width=16, after=dut.latency + 2 * points + 4, reset=[2 * points + 21]
    )
    assert places[1][0] < 2 * points + 21 < places[1][-1]
    assert (got[-1].parts == golden(stages, sent[2])).all()


@pytest.mark.parametrize("most_wait", [0, 3])
def test_twiddles_repeat_and_start_again(through, most_wait):
    table = fft.Twiddles.of(np.arange(8) * 3, 16, 12)
    dut = TwiddleMultiplier(table, 10, 12)
    sent = windows(2, 3, 16, 10)
    sent[1] = sent[1][:, :5]
    got, places = through(dut, sent, width=10, most_wait=most_wait, after=12)
    for output, window, cycles in zip(got, sent, places, strict=True):
        tiled = np.resize(table.re, window.shape[1]), np.resize(table.im, window.shape[1])
        expected = multiply((window[0], window[1]), tiled, table.frac_bits)
        assert (output.parts == np.stack(expected)).all()
        assert output.cycles == [cycle + TwiddleMultiplier.latency for cycle in cycles]
    assert TwiddleMultiplier.latency == BlockRam.latency + depths.COMPLEX_MULTIPLIER
