"""The first of the largest of all logits at once."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden import classify
from hwgen.hardware.argmax_tree import ArgMaxTree

LOW, HIGH = -(1 << 11), (1 << 11) - 1


def classes_of(play, windows: np.ndarray, valid: np.ndarray):
    """Return the class of each valid window, at its cycle and as long as it stands."""
    dut = ArgMaxTree(windows.shape[1], 12)
    got = play(
        dut,
        {"valid": [*valid.tolist(), 0], "logits": [*windows.tolist(), [HIGH] * windows.shape[1]]},
        ["o_valid", "class_"],
        cycles=len(windows) + dut.latency + 5,
    )
    done = np.flatnonzero(got["o_valid"])
    assert done.tolist() == (np.flatnonzero(valid) + dut.latency).tolist()
    for cycle, following in zip(done, [*done[1:], len(got["class_"])], strict=True):
        assert len(set(got["class_"][cycle:following])) == 1
    return [got["class_"][cycle] for cycle in done]


@pytest.mark.parametrize("classes", [1, 2, 3, 4, 5, 7, 8, 10, 12])
def test_random_windows_some_of_few_values(play, classes):
    rng = np.random.default_rng(classes)
    windows = rng.integers(LOW, HIGH + 1, (60, classes))
    windows[30:] = rng.integers(-2, 1, (30, classes))
    valid = rng.integers(0, 2, 60)
    assert classes_of(play, windows, valid) == classify(windows[valid == 1]).tolist()


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([-5, -3, -4], 1),
        ([-5, -4, -3], 2),
        ([-3, -3, -3], 0),
        ([-1, 0, 0], 1),
        ([LOW, LOW, LOW], 0),
        ([LOW, LOW, LOW + 1], 2),
        ([HIGH, LOW, HIGH], 0),
        ([LOW, HIGH, HIGH], 1),
    ],
)
def test_negatives_and_ties_between_windows_of_large_ones(play, logits, expected):
    windows = np.array([[HIGH, HIGH - 1, HIGH], logits, [0, 1, HIGH]])
    assert classes_of(play, windows, np.ones(3, dtype=int)) == [0, expected, 2]


def test_reset_takes_a_window_on_its_way(play):
    got = play(
        ArgMaxTree(5, 12),
        {"valid": [1, 0], "logits": [[1, 2, 3, 4, 5]]},
        ["o_valid"],
        cycles=10,
        reset=[2],
    )
    assert not any(got["o_valid"])


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ((0, 4), ValueError, "classes must be at least 1, not 0"),
        ((2.0, 4), TypeError, r"classes must be an integer, not 2\.0"),
        ((2, 0), ValueError, "logit_width must be at least 1, not 0"),
    ],
)
def test_what_is_refused(parameters, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        ArgMaxTree(*parameters)
