"""What is told of scores."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.flow.score_doubts import of
from hwgen.network.threshold import Rule
from hwgen.training.scores import Judged

GOOD = {"held_windows": 500.0, "explained": 0.6}
HEALTHY, FAULTY = np.linspace(0, 1, 300), np.linspace(5, 6, 100)


USUAL = Rule()


def told(judged, rule=USUAL, **figures):
    return of(judged, judged.metrics() | GOOD | figures, rule)


def test_nothing_of_a_good_one():
    assert told(Judged(1.0, HEALTHY, {"a": FAULTY})) == []


def test_a_threshold_that_all_exceed_or_none():
    (line,) = told(Judged(-1.0, HEALTHY, {"a": FAULTY}))
    assert line.startswith("WARNING: every healthy window of the test part exceeds the threshold")
    assert "least 0, median 0.5" in line
    (line,) = told(Judged(9.0, HEALTHY, {"a": FAULTY}))
    assert line.startswith("WARNING: no window exceeds the threshold 9 (healthy scores: least 0")
    assert "faulty: least 5, median 5.5" in line


def test_faults_that_are_missed():
    (line,) = told(Judged(4.0, HEALTHY, {"a": FAULTY, "b": HEALTHY}))
    assert line == "WARNING: no window of b exceeds the threshold 4"


def test_many_more_false_alarms_than_asked_for():
    (line,) = told(Judged(0.8, HEALTHY, {}))
    assert line.startswith("WARNING: 20.0% of the healthy windows of the test part exceed")
    assert told(Judged(0.8, HEALTHY, {}), Rule(false_alarms=0.1)) == []


def test_too_few_windows_for_a_share():
    (line,) = told(Judged(1.0, HEALTHY, {}), held_windows=50.0)
    assert line.startswith("WARNING: 50 held-out windows are too few for --false-alarms 0.01")
    assert line.endswith("or ask for 0.02")
    assert told(Judged(1.0, HEALTHY, {}), Rule(contamination=0.01), held_windows=50.0) == []


@pytest.mark.parametrize("explained", [-3.0, 0.01])
def test_a_network_that_has_learnt_nothing(explained):
    (line,) = told(Judged(1.0, HEALTHY, {}), explained=explained)
    assert line.startswith(f"WARNING: the autoencoder makes {explained:.0%} of the variance")
