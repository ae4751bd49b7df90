"""What a learn phase makes of scores."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.learning import bin_of, bins, learnt, upper_edge
from hwgen.protocol import MARGIN_ONE, Learn

SEED = 3
BITS = 31


def scores(count, seed=SEED):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << BITS, count) >> rng.integers(0, BITS, count)


def test_bins_follow_each_other_and_cover_all_scores():
    lowest = 0
    for number in range(bins(BITS)):
        highest = upper_edge(number)
        assert bin_of(lowest) == bin_of(highest) == number
        assert highest - lowest <= lowest / 16
        lowest = highest + 1
    assert lowest == 1 << BITS
    assert bins(BITS) == 448


@pytest.mark.parametrize("allowed", [0, 1, 5, 49, 198])
def test_at_most_the_allowed_are_above_and_a_lower_edge_would_let_more(allowed):
    found = scores(200)
    threshold = learnt(found, Learn(200, allowed), BITS)
    assert np.sum(found > threshold) <= allowed
    lower = upper_edge(bin_of(threshold) - 1)
    assert np.sum(found > lower) > allowed
    kth = np.sort(found)[-1 - allowed]
    assert kth <= threshold <= kth * 17 / 16


def test_more_allowed_than_windows_is_the_lowest_threshold():
    assert learnt(scores(5), Learn(5, 5), BITS) == 0
    assert learnt(scores(5), Learn(5, 100), BITS) == 0


def test_the_margin_is_rounded_down_and_saturates():
    assert learnt(np.array([21]), Learn(1, 0, MARGIN_ONE * 3 // 2), 8) == 31
    assert learnt(np.array([200]), Learn(1, 0, MARGIN_ONE * 3 // 2), 8) == 255
    assert learnt(np.array([21]), Learn(1, 0, 0), 8) == 0
    assert learnt(np.array([255, 3]), Learn(2), 8) == 255


def test_scores_behind_the_last_window_do_not_count():
    assert learnt(np.array([3, 4, 1000]), Learn(2), 10) == 4


@pytest.mark.parametrize(
    ("given", "windows"), [([], 1), ([1, 2], 3), ([1], 0), ([-1], 1), ([256], 1)]
)
def test_what_cannot_be(given, windows):
    with pytest.raises(ValueError, match="scores must be"):
        learnt(np.array(given, dtype=np.int64), Learn(windows), 8)
