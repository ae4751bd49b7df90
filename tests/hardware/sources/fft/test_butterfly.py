"""One butterfly stage against the golden model's."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.fft import run_stage
from hwgen.hardware.sources.fft.butterfly import Butterfly
from hwgen.quantized.fft import Stage

POINTS, WIDTH = 16, 7
DRAIN = 5
"""Cycles from a block's last value to its first difference, as documented."""


def windows(seed: int, count: int, points: int = POINTS) -> list[np.ndarray]:
    # Symmetric: a stage that rotates may negate.
    limit = (1 << (WIDTH - 1)) - 1
    drawn = np.random.default_rng(seed).integers(-limit, limit + 1, (count, 2, points))
    drawn[0] = limit
    return list(drawn)


def golden(stage: Stage, window: np.ndarray) -> np.ndarray:
    re, im = run_stage(stage, (window[:1], window[1:]))
    return np.stack([re[0], im[0]])


@pytest.mark.parametrize(
    ("span", "rotate"),
    [(span, rotate) for span in (1, 2, 4, 8) for rotate in (False, True) if not rotate or span < 8],
)
@pytest.mark.parametrize("shift", [0, 1, 2])
@pytest.mark.parametrize("most_wait", [0, 3])
def test_a_stage_is_the_golden_models(through, span, rotate, shift, most_wait):
    stage = Stage(span, rotate, shift, None, WIDTH + 1)
    data = windows(span, 4)
    dut = Butterfly(stage, WIDTH, WIDTH + 1, POINTS)
    got, places = through(dut, data, width=WIDTH, most_wait=most_wait, after=2 * span + 12)
    assert len(got) == len(data)
    for output, window, cycles in zip(got, data, places, strict=True):
        assert (output.parts == golden(stage, window)).all()
        # The first sum comes from the first value of the second half ...
        assert output.cycles[0] == cycles[span] + Butterfly.latency
        # ... and the last block's differences follow its last value.
        assert output.cycles[-span] == cycles[-1] + DRAIN
        assert output.cycles[-1] == cycles[-1] + DRAIN + 2 * (span - 1)


@pytest.mark.parametrize("span", [1, 2, 8])
@pytest.mark.parametrize("length", [1, 3, 8, 9, 15])
def test_a_window_given_up_leaves_nothing_behind(through, span, length):
    stage = Stage(span, False, 1, None, WIDTH)
    whole = windows(length, 3)
    data = [whole[0], whole[1][:, :length], whole[2]]
    dut = Butterfly(stage, WIDTH, WIDTH, POINTS)
    got, _ = through(dut, data, width=WIDTH, after=2 * span + 12)
    complete = [output.parts for output in got if output.parts.shape[1] == POINTS]
    assert len(complete) == 2
    assert (complete[0] == golden(stage, whole[0])).all()
    assert (complete[1] == golden(stage, whole[2])).all()
