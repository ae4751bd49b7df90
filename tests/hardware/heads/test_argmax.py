"""The first of the largest logits, however they come."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden import classify
from hwgen.hardware.heads.argmax import ArgMax

LOW, HIGH = -(1 << 11), (1 << 11) - 1


def classes_of(play, windows: np.ndarray, *, most_wait: int = 0, seed: int = 0):
    """Return class and logits of each window, read when they are done and held until the next."""
    rng = np.random.default_rng(seed)
    classes = windows.shape[1]
    valid, logit, last, ends = [], [], [], []
    for window in windows.tolist():
        for index, value in enumerate(window):
            wait = int(rng.integers(0, most_wait + 1))
            valid += [0] * wait + [1]
            logit += [HIGH] * wait + [value]  # without valid, the largest there is
            last += [1] * wait + [index == classes - 1]
        ends.append(len(valid) - 1)
        valid, logit, last = [*valid, 0, 0], [*logit, HIGH, HIGH], [*last, 1, 1]
    got = play(
        ArgMax(classes, 12),
        {"valid": valid, "logit": logit, "last": last},
        ["done", "class_", "logits"],
        cycles=len(valid) + 1,
    )
    done = np.flatnonzero(got["done"]).tolist()
    assert done == [end + ArgMax.latency for end in ends]
    for cycle in done:
        assert got["class_"][cycle] == got["class_"][cycle + 1]
        assert got["logits"][cycle] == got["logits"][cycle + 1]
    return [got["class_"][cycle] for cycle in done], [got["logits"][cycle] for cycle in done]


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 10])
@pytest.mark.parametrize("most_wait", [0, 2])
def test_random_windows(play, classes, most_wait):
    windows = np.random.default_rng(classes).integers(LOW, HIGH + 1, (20, classes))
    assert classes_of(play, windows, most_wait=most_wait) == (
        classify(windows).tolist(),
        windows.tolist(),
    )


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([-5, -3, -4], 1),
        ([-5, -4, -3], 2),
        ([-3, -3, -3], 0),
        ([0, 0, 0], 0),
        ([-1, 0, 0], 1),
        ([LOW, LOW, LOW], 0),
        ([LOW, LOW, LOW + 1], 2),
        ([HIGH, LOW, HIGH], 0),
        ([LOW, HIGH, HIGH], 1),
        ([7, 6, 7], 0),
    ],
)
def test_negatives_and_ties_behind_a_window_of_large_ones(play, logits, expected):
    windows = np.array([[HIGH, HIGH - 1, HIGH], logits])
    assert classes_of(play, windows)[0] == [0, expected]


def test_reset_begins_a_new_window(play):
    got = play(
        ArgMax(3, 12),
        {
            "valid": [1, 1, 0, 0, 1, 1, 1, 0],
            "logit": [9, 9, 0, 0, -3, -1, -2, 0],
            "last": [0, 0, 0, 0, 0, 0, 1, 0],
        },
        ["done", "class_", "logits"],
        reset=[3],
    )
    assert got["done"] == [0] * 7 + [1]
    assert (got["class_"][7], got["logits"][7]) == (1, [-3, -1, -2])
