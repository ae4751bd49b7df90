"""Margins of answers, and how many answers are to be expected to change."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.analysis.margins import expected_changes, gaps, leads


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_gaps(kind):
    logits = np.array([[3, -1, 7], [5, 5, 0], [-9, -4, -6]], dtype=kind)
    found = gaps(logits)
    assert (found.tolist(), found.dtype) == ([4, 0, 2], kind)


def test_a_lead_is_that_of_any_class():
    logits = np.array([[3.0, -1, 7], [5, 5, 0], [-9, -4, -6]])
    assert leads(logits, logits.argmax(axis=1)).tolist() == gaps(logits).tolist()
    assert leads(logits, np.array([1, 2, 0])).tolist() == [-8, -5, -5]


def test_nothing_changes_without_errors():
    exact = np.random.default_rng(1).normal(0, 1, (50, 4))
    assert expected_changes(exact, exact) == 0
    assert expected_changes(exact, 3 * exact + 1) == 0  # only differences of logits count


def test_by_hand():
    # Margins 1 and 3 of class 0; the error of the second, 2, would have changed the first.
    exact = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 5.0]])
    found = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    assert (found.argmax(axis=1) == exact.argmax(axis=1)).all()
    assert expected_changes(exact, found) == (1 / 2) / 3


def test_errors_that_do_not_hang_on_the_window_are_foretold():
    rng = np.random.default_rng(2)
    exact = rng.normal(0, 1, (20_000, 3))
    found = exact + rng.normal(0, 0.05, exact.shape)
    changed = (found.argmax(axis=1) != exact.argmax(axis=1)).mean()
    assert abs(expected_changes(exact[:500], found[:500]) - changed) < 0.25 * changed


def test_narrower_margins_are_tipped_over_sooner():
    exact = np.array([[1.0, 0.0], [3.0, 0.0]])
    found = np.array([[1.0, 0.0], [1.5, 0.0]])  # errors 0 and -1.5
    assert expected_changes(exact, found) == 1 / 4
    assert expected_changes(exact, found, 0.4) == 2 / 4
