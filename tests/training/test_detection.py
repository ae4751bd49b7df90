"""When a failing machine is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Recording
from hwgen.signals.run_to_failure import Moment
from hwgen.training.detection import Detection, detect


def moments(severities, hours=True, samples=64):
    return tuple(
        Moment(
            0.5 * number if hours else None,
            severity,
            Recording("x", np.full(samples, float(number)), None, f"{number}"),
        )
        for number, severity in enumerate(severities)
    )


def scores(text):
    return np.array([2.0 if letter == "1" else 0.0 for letter in text])


def test_the_delay_is_from_the_last_sound_recording():
    life = moments([0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5])
    found = Detection(life, scores("01001011"), 1.0)
    assert found.alarm == 7
    assert found.metrics() == {
        "early_alarms": 0.0, "delay_life": 1.0, "delay_hours": 2.5, "delay_severity": 0.5
    }  # fmt: skip
    assert "alarm (3 of 5 recordings) at 7, 2.5 h after the fault began, severity 0.500" in (
        found.told()
    )


def test_alarms_before_the_fault_are_false_ones():
    life = moments([0, 0, 0, 0, 0.2, 0.3])
    found = Detection(life, scores("111011"), 1.0)
    assert found.raised() == [2, 4, 5]
    assert found.alarm == 4
    assert found.metrics()["early_alarms"] == 1.0
    assert found.told().endswith("alarms before: 1")


def test_a_life_of_files_has_no_hours():
    life = moments([None] * 4, hours=False)
    found = Detection(life, scores("0111"), 1.0)
    assert found.metrics() == {"delay_life": 1.0}
    assert found.told() == "run to failure: alarm (3 of 5 recordings) at 3, number 4 of 4"


def test_no_alarm():
    found = Detection(moments([0, 0.5, 1.0]), scores("011"), 1.0)
    assert found.alarm is None
    assert found.metrics() == {"early_alarms": 0.0}
    assert found.told() == "run to failure: no alarm (3 of 5 recordings) in 3 recordings"


def test_scores_are_medians_of_windows():
    found = detect(moments([0, 0.5, 1.0], samples=128), lambda x: x[:, 0], 0.5, 64)
    assert found.scores.tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="0 must have at least 256 samples"):
        detect(moments([0]), lambda x: x[:, 0], 0.5, 256)
