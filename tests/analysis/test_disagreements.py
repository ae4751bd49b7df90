"""Which windows float and fixed point judge differently, and how sure they are."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen.analysis import disagreements as module

NAMES = ("ball", "inner", "normal")
FLOAT = np.array([[5.0, 1.0, 0.0], [2.0, 1.5, 0.0], [0.0, 3.0, 1.0], [0.0, 1.0, 1.25]])
FIXED = np.array([[4.5, 1.0, 0.0], [1.0, 1.75, 0.0], [0.0, 0.5, 2.5], [0.0, 1.0, 1.0]])
"""Windows 1, 2 and 3 differ; the last is a tie, which the first of the largest wins."""


def disagreements(*given):
    """Return them as the report has them."""
    return module.disagreements(*given).to_json()


@pytest.fixture
def found():
    labels = np.array([0, 0, 2, 0])
    return disagreements(FLOAT, FIXED, NAMES, labels, [("a.mat", 64 * i) for i in range(4)])


def test_they_are_counted(found):
    assert (found["count"], found["of"]) == (3, 4)
    assert (found["float_right"], found["fixed_right"]) == (1, 1)


def test_each_is_told_the_surest_first(found):
    assert [row["window"] for row in found["rows"]] == [2, 1, 3]
    assert found["rows"][0] == {
        "window": 2, "recording": "a.mat", "start": 128, "true": "normal", "float": "inner",
        "fixed": "normal", "float_margin": 2.0, "fixed_margin": 2.0,
    }  # fmt: skip
    assert [row["fixed_margin"] for row in found["rows"]] == [2.0, 0.75, 0.0]


def test_points_have_the_margin_of_the_same_class(found):
    points = found["points"]
    assert points["differ"] == 3
    assert points["float"] == [2.0, 0.5, 0.25, 4.0]
    assert points["fixed"] == [-2.0, -0.75, 0.0, 3.5]


def test_the_histogram_counts_every_window(found):
    counts = found["histogram"]
    assert sum(counts["windows"]) == 4
    assert sum(counts["differ"]) == 3
    assert counts["edges"][0] == 0
    assert counts["edges"][-1] == 4


def test_without_labels_and_recordings():
    found = disagreements(FLOAT, FIXED, NAMES, None)
    assert found["count"] == 3
    assert found["float_right"] is found["fixed_right"] is None
    for row in found["rows"]:
        assert row["true"] is row["recording"] is row["start"] is None


def test_networks_that_agree():
    found = disagreements(FLOAT, FLOAT, NAMES, None)
    assert (found["count"], found["rows"], found["points"]["differ"]) == (0, [], 0)
    assert found["error_95"] == 0
    assert found["points"]["fixed"] == found["points"]["float"] == [0.25, 0.5, 2.0, 4.0]


@pytest.mark.parametrize("value", [0.0, 7.0, 1e-320])
def test_a_network_that_tells_nothing_apart(value):
    logits = np.full((5, 3), value)
    edges = disagreements(logits, logits, NAMES, None)["histogram"]["edges"]
    assert all(np.diff(edges) > 0)


def test_what_is_kept_is_bounded():
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 3, (5000, 3))
    found = disagreements(logits, rng.normal(0, 3, (5000, 3)), NAMES, None)
    assert found["count"] > 2000
    assert len(found["rows"]) == 20
    assert len(found["points"]["float"]) == len(found["points"]["fixed"]) == 600
    assert found["points"]["differ"] == 300
    assert len(json.dumps(found)) < 25_000


def test_the_others_shown_are_near_those_that_differ():
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 10, (5000, 3))
    found = disagreements(logits, logits + rng.normal(0, 0.1, (5000, 3)), NAMES, None)
    top = found["rows"][0]["float_margin"]
    others = found["points"]["float"][found["points"]["differ"] :]
    assert 0 < found["count"] < 300
    assert len(others) >= 300
    assert max(others) <= max(1.5 * top, sorted(others)[299])


def test_the_error_of_the_margin():
    rng = np.random.default_rng(7)
    logits = np.zeros((1000, 2))
    logits[:, 0] = 50
    noise = rng.uniform(-1, 1, 1000)
    found = disagreements(logits, logits + np.stack([noise, 0 * noise], axis=1), ("a", "b"), None)
    assert found["error_95"] == pytest.approx(0.95, abs=0.03)
