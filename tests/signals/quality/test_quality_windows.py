"""Marks on windows: every limit from both sides, and the board's words for the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.protocol import SensorFault
from hwgen.signals import noisy, read_dataset, split_dataset, windows
from hwgen.signals.quality import (
    FAR_DB,
    Limits,
    Mark,
    decibels_off,
    judge_windows,
    level_range,
    levels,
    remark,
)

LENGTH = 2048
RUN = 64


@pytest.fixture
def window() -> np.ndarray:
    return np.random.default_rng(3).normal(0, 0.5, LENGTH)


def marks(window: np.ndarray, **limits) -> int:
    (found,) = judge_windows(window[None], Limits(**limits)).tolist()
    return found


def test_a_good_window_has_no_mark(window):
    assert marks(window) == 0
    assert marks(window, bottom=-16, top=16, low_db=-6.0, high_db=-6.0) == 0


def test_marks_that_a_board_has_too_are_its_own():
    assert Mark.STUCK == SensorFault.STUCK
    assert Mark.CLIPPED == SensorFault.CLIPPED
    others = {Mark.DROPOUT.value, Mark.FAR.value, Mark.UNKNOWN.value}
    assert not others & {fault.value for fault in SensorFault}


def test_a_constant_window_is_stuck_and_nothing_else():
    assert marks(np.full(LENGTH, 0.3), low_db=-10.0, high_db=0.0) == Mark.STUCK
    almost = np.full(LENGTH, 0.3)
    almost[-1] = 0.31
    assert marks(almost) == Mark.DROPOUT


@pytest.mark.parametrize("start", [0, 1, 900, LENGTH - RUN - 1, LENGTH - RUN])
@pytest.mark.parametrize("value", [0.0, 0.25])
def test_a_thirty_second_of_equal_samples_is_a_dropout(window, start, value):
    window[start : start + RUN] = value
    assert marks(window) == Mark.DROPOUT
    window[start + RUN // 2] += 1e-9
    assert marks(window) == 0


def test_one_equal_sample_less_is_no_dropout(window):
    window[100 : 100 + RUN - 1] = 0.1
    assert marks(window) == 0
    assert marks(window, run=RUN - 1) == Mark.DROPOUT
    assert marks(window, run=RUN) == 0


def test_in_short_windows_a_dropout_has_sixteen_samples():
    x = np.random.default_rng(1).normal(size=128)
    x[3:18] = 0
    assert marks(x) == 0
    x[18] = 0
    assert marks(x) == Mark.DROPOUT


@pytest.mark.parametrize("side", [1, -1])
def test_one_sample_in_256_at_an_end_is_clipping_as_on_a_board(window, side):
    window[: 8 * 100 : 100] = side * 2.0
    assert marks(window, bottom=-2.0, top=2.0) == Mark.CLIPPED
    window[0] = side * 1.999
    assert marks(window, bottom=-2.0, top=2.0) == 0


def test_both_ends_count_together(window):
    window[:800:200] = 2.0
    window[100:900:200] = -2.0
    assert marks(window, bottom=-2.0, top=2.0) == Mark.CLIPPED
    assert marks(window, top=2.0) == 0


@pytest.mark.parametrize("side", [1, -1])
def test_a_level_twelve_decibels_outside_is_far(window, side):
    (level,) = levels(window[None])
    gain = 10 ** (side * FAR_DB / 20)
    known = {"low_db": level, "high_db": level}
    assert marks(window * gain * (1 + side * 1e-6), **known) == Mark.FAR
    assert marks(window * gain * (1 - side * 1e-6), **known) == 0
    assert marks(window * gain**5) == 0  # where nothing is known, nothing is far


def test_a_level_is_the_rms_about_the_mean(window):
    expected = 20 * np.log10(np.sqrt(np.mean(np.square(window - window.mean()))))
    assert levels((window + 7)[None])[0] == pytest.approx(expected)
    assert levels(np.ones((1, 8)))[0] == -np.inf


def test_the_range_of_levels_passes_over_constant_windows():
    x = np.array([[1.0, -1.0], [3.0, 3.0], [0.1, -0.1]])
    assert level_range([x, np.zeros((0, 2))]) == (pytest.approx(-20), pytest.approx(0))
    assert level_range([np.ones((2, 4)), np.zeros((0, 4))]) is None


def test_decibels_off():
    limits = Limits(low_db=-20.0, high_db=-3.0)
    found = decibels_off(np.array([-50.0, -20.0, -10.0, -3.0, 35.0]), limits)
    assert found.tolist() == [-30, 0, 0, 0, 38]
    assert decibels_off(np.array([99.0]), Limits()).tolist() == [0]


def test_windows_are_judged_one_by_one_whatever_the_batch(monkeypatch):
    rng = np.random.default_rng(9)
    x = rng.normal(0, 0.5, (23, 256))
    x[3] = 1.0
    x[7, 20:60] = 0.2
    x[11] *= 100
    x[19, 5] = 5.0
    limits = Limits(top=5.0, low_db=-7.0, high_db=-5.0)
    whole = judge_windows(x, limits)
    monkeypatch.setattr("hwgen.signals.quality.windows._BATCH", 600)
    assert np.array_equal(judge_windows(x, limits), whole)
    expected = np.zeros(23, dtype=int)
    expected[[3, 7, 11, 19]] = Mark.STUCK, Mark.DROPOUT, Mark.CLIPPED | Mark.FAR, Mark.CLIPPED
    assert whole.tolist() == expected.tolist()
    assert judge_windows(x[:0], limits).tolist() == []


def test_remarks_are_words():
    assert remark(0) == ""
    assert remark(Mark.DROPOUT | Mark.FAR, 38.2) == "dropout, far: +38 dB"
    assert remark(Mark.FAR, -15.0) == "far: -15 dB"
    assert remark(Mark.STUCK | Mark.CLIPPED | Mark.UNKNOWN) == "stuck, clipped, unknown"


def test_published_records_are_not_far_from_each_other_with_and_without_noise(cwru_folder):
    """The figure of docs/signals.md: within 7 dB, where 12 are far."""
    train, _ = split_dataset(read_dataset(cwru_folder))
    found = level_range([windows(each.samples, LENGTH, LENGTH) for each in train.recordings])
    limits = Limits(low_db=found[0], high_db=found[1])
    off = [0.0]
    for folder in sorted(path for path in cwru_folder.parent.iterdir() if path.is_dir()):
        every = read_dataset(folder)
        for each in (*every.recordings, *noisy(every, -6.0, 3).recordings):
            x = windows(each.samples, LENGTH, 512)
            assert not judge_windows(x, limits).any(), each.source
            off.extend(decibels_off(levels(x), limits))
    assert 6 < np.abs(off).max() < 7
