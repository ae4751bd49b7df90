"""Thresholds of healthy scores."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.network.threshold import Rule, distribution

TRAINED, HELD = np.arange(1000.0), 5000 + np.arange(200.0)


def test_the_usual_share_of_held_out_windows_is_above():
    limit = Rule().threshold(TRAINED, HELD)
    assert 0 < np.mean(limit < HELD) <= 0.01
    assert (Rule().share, Rule().needed()) == (0.01, 100)


@pytest.mark.parametrize("share", [0.0, 0.003, 0.05, 0.5])
def test_a_stated_share_of_held_out_windows_is_above(share):
    rule = Rule(false_alarms=share)
    above = np.mean(rule.threshold(TRAINED, HELD) < HELD)
    assert share - 1.001 / len(HELD) <= above <= share


def test_contamination_is_of_what_was_trained_on():
    rule = Rule(contamination=0.1)
    assert np.mean(rule.threshold(TRAINED, HELD) < TRAINED) == pytest.approx(0.1, abs=0.0011)
    assert rule.share == 0.1


def test_equal_scores_are_none_above():
    assert Rule(false_alarms=0.5).threshold(TRAINED, np.full(10, 3.0)) == 3.0


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ((0.1, 0.1), "--false-alarms must come without --contamination"),
        ((1.0, None), "--false-alarms must be a share from 0 to below 1, not 1"),
        ((None, -0.1), "--contamination must be a share from 0 to below 1, not -0.1"),
        ((float("nan"), None), "--false-alarms must be a share"),
    ],
)
def test_shares_that_are_none(shares, says):
    with pytest.raises(UsageError, match=says):
        Rule(*shares)


def test_a_distribution_in_words():
    told = distribution(np.arange(101.0))
    assert told == "least 0, median 50, 90 % 90, 99 % 99, largest 100"


def test_a_share_of_those_that_were_trained_on_is_none_of_held_out_ones():
    assert Rule().stated == 0.01
    assert Rule(false_alarms=0.2).stated == 0.2
    assert Rule(contamination=0.2).stated is None
