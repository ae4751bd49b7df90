"""The threshold between known and unknown, by definition."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.analysis.margin_threshold import share_below, threshold


@pytest.mark.parametrize("percent", [0.5, 1.0, 10.0, 50.0])
@pytest.mark.parametrize("count", [1, 7, 100, 999])
def test_threshold_is_the_largest_that_keeps_the_share(percent, count):
    right = np.random.default_rng(count).integers(0, 60, count)
    least = threshold(right.tolist(), percent)
    below, above = share_below(right, least), share_below(right, least + 1)
    assert below is not None
    assert above is not None
    assert below <= percent / 100 < above


def test_nothing_is_unknown_without_a_share_or_windows():
    assert threshold([5, 6], 0.0) == 0
    assert threshold([], 1.0) == 0
    assert share_below([], 3) is None
