"""Rounds of comparisons among logits: how many, and who is compared with whom."""

from __future__ import annotations

import pytest

from hwgen.plans.unrolled.argmax_tree import choices, comparisons, latency, rounds, shares


@pytest.mark.parametrize(
    ("classes", "compared", "chosen"),
    [(1, 0, 0), (2, 1, 0), (10, 45, 0), (12, 66, 0), (13, 3 * 3 + 6 + 6, 4)],
)
def test_what_it_takes(classes, compared, chosen):
    assert (comparisons(classes), choices(classes)) == (compared, chosen)


@pytest.mark.parametrize(("classes", "cycles"), [(1, 2), (12, 2), (13, 4), (48, 4), (49, 6)])
def test_two_cycles_a_round(classes, cycles):
    assert latency(classes) == cycles == 2 * len(rounds(classes)) + 2


@pytest.mark.parametrize("players", range(1, 30))
def test_every_player_is_in_one_group_of_at_most_four(players):
    groups = -(-players // 4)
    found = [list(range(players))[share] for share in shares(players, groups)]
    assert [each for group in found for each in group] == list(range(players))
    assert all(1 <= len(group) <= 4 for group in found)
