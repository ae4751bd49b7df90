"""A synthetic life: its fault grows, and all else stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.signals.run_to_failure import Life, healthy_dataset, run_to_failure

SHORT = Life(hours=4.0, every=0.5, seconds=0.3)


def test_a_fault_grows():
    life = run_to_failure(3, SHORT)
    assert [each.hours for each in life] == [0.5 * number for number in range(9)]
    severity = [each.severity for each in life]
    assert severity[:4] == [0.0] * 4
    assert severity[-1] == 1.0
    assert all(a < b for a, b in pairwise(severity[4:]))
    level = [np.std(each.recording.samples) for each in life]
    assert max(level[:4]) < 1.1 * min(level[:4])
    assert level[-1] > 5 * level[0]


def test_a_seed_is_a_life():
    again, other = run_to_failure(3, SHORT), run_to_failure(4, SHORT)
    for one, two, three in zip(run_to_failure(3, SHORT), again, other, strict=True):
        assert np.array_equal(one.recording.samples, two.recording.samples)
        assert not np.array_equal(one.recording.samples, three.recording.samples)


def test_healthy_recordings_are_of_several_speeds():
    found = healthy_dataset(3, seconds=0.3)
    assert found.classes == ("normal",)
    assert len({each.source for each in found.recordings}) == 4
    assert all(0.05 < np.std(each.samples) < 0.1 for each in found.recordings)


def test_a_fault_that_there_is_not():
    with pytest.raises(UsageError, match="must be one of B007 to OR049, not 'IR1'"):
        run_to_failure(1, replace(SHORT, fault="IR1"))
