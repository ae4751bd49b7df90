"""The largest of all logits at once: rounds of comparisons of each with each."""

from __future__ import annotations

import itertools
import math

_ROUND = 4
"""Most logits of a group that is left by one, compared each with each: six comparisons."""

_FINAL = 12
"""Most logits of the last round. Only its comparisons cost: of it no logit goes on."""


def rounds(classes: int) -> list[int]:
    """Return the groups of each round but the last."""
    found, players = [], classes
    while players > _FINAL:
        players = -(-players // _ROUND)
        found.append(players)
    return found


def shares(players: int, groups: int) -> list[slice]:
    """Return the players of each group."""
    ends = [group * players // groups for group in range(groups + 1)]
    return [slice(start, stop) for start, stop in itertools.pairwise(ends)]


def latency(classes: int) -> int:
    """Return the cycles from the logits to the class: two a round, comparisons and choice."""
    return 2 * len(rounds(classes)) + 2


def comparisons(classes: int) -> int:
    """Return the comparisons of two logits, each an adder."""
    total, players = 0, classes
    for groups in rounds(classes):
        total += sum(math.comb(share.stop - share.start, 2) for share in shares(players, groups))
        players = groups
    return total + math.comb(players, 2)


def choices(classes: int) -> int:
    """Return the logits that are chosen to go on to a next round."""
    return sum(rounds(classes))
