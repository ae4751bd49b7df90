"""The first of the largest of all logits at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen.golden import classify
from hwgen.hardware.heads.argmax_tree import ArgMaxTree

LOW, HIGH = -(1 << 11), (1 << 11) - 1


def classes_of(play, windows: np.ndarray, rng: np.random.Generator):
    """Return the class of each window, at its cycle and as long as it stands.

    Logits stand until their class is there; then, and without ``valid``, they are rubbish.
    """
    dut = ArgMaxTree(windows.shape[1], 12)
    valid, logits, starts = [], [], []
    for window in windows.tolist():
        for _ in range(int(rng.integers(0, 3))):
            valid.append(0)
            logits.append(rng.integers(LOW, HIGH + 1, len(window)).tolist())
        starts.append(len(valid))
        valid += [1] + [0] * (dut.latency - 1)
        logits += [window] * dut.latency
    valid.append(0)
    logits.append([HIGH] * windows.shape[1])
    inputs = {"valid": valid, "logits": logits}
    got = play(dut, inputs, ["o_valid", "class_"], cycles=len(valid) + dut.latency + 5)
    done = np.flatnonzero(got["o_valid"]).tolist()
    assert done == [start + dut.latency for start in starts]
    for cycle, following in zip(done, [*done[1:], len(got["class_"])], strict=True):
        assert len(set(got["class_"][cycle:following])) == 1
    return [got["class_"][cycle] for cycle in done]


@pytest.mark.parametrize("classes", [1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 17, 40])
def test_random_windows_some_of_few_values(play, classes):
    rng = np.random.default_rng(classes)
    windows = rng.integers(LOW, HIGH + 1, (60, classes))
    windows[30:] = rng.integers(-2, 1, (30, classes))
    assert classes_of(play, windows, rng) == classify(windows).tolist()


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
def test_every_order_of_few_values(play, classes):
    every = list(itertools.product((-1, 0, 1), repeat=classes))
    windows = np.array(every[:: 1 + len(every) // 100])
    assert classes_of(play, windows, np.random.default_rng(classes)) == classify(windows).tolist()


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
    assert classes_of(play, windows, np.random.default_rng(1)) == [0, expected, 2]


def test_reset_takes_a_window_on_its_way(play):
    got = play(
        ArgMaxTree(5, 12),
        {"valid": [1, 0], "logits": [[1, 2, 3, 4, 5]]},
        ["o_valid"],
        cycles=10,
        reset=[1],
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
