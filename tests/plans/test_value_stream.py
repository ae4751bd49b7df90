"""Where values wait that leave: words, cells, and how far windows are apart."""

from __future__ import annotations

import pytest

from hwgen.plans.value_stream import ValueStreamPlan
from hwgen.targets import find


def test_words():
    plan = ValueStreamPlan((6, 4), 7, 2)
    assert (plan.numbers, plan.words, plan.depth) == (10, 5, 10)


@pytest.mark.parametrize(
    ("count", "at_once", "held"), [(1, 1, 2), (4, 1, 5), (100, 1, 101), (100, 4, 4 + 84 + 1)]
)
def test_a_place_is_free_when_all_but_the_queue_has_left(count, at_once, held):
    assert ValueStreamPlan((count,), 8, at_once).held == held


def test_windows_are_as_far_apart_as_their_values_need():
    plan = ValueStreamPlan((100,), 8)
    # Worked on for a shorter time than values take to leave; for longer; and for much longer, when
    # the array decides.
    assert [plan.apart(latency) for latency in (20, 120, 1001)] == [100, 111, 551]


def test_block_rams_of_two_windows():
    ecp5 = find("ecp5")
    assert ValueStreamPlan((2048,), 8).cells(ecp5)["ebr"] == 2
    assert ValueStreamPlan((2048,), 16, 2).cells(ecp5)["ebr"] == 4
    assert ValueStreamPlan((2,), 16).cells(ecp5)["ebr"] == 0  # in registers


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (((5,), 8, 2), r"^count must be a multiple of at_once \(2\), not 5$"),
        (((), 8), "^outputs must"),
        (((0,), 8), "^count must"),
        (((4,), 0), "^width must"),
        (((4,), 8, 0), "^at_once must"),
    ],
)
def test_numbers(given, text):
    with pytest.raises(ValueError, match=text):
        ValueStreamPlan(*given)
