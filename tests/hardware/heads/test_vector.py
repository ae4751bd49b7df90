"""Values that are caught as they come, and stand."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.heads.vector import Vector


@pytest.mark.parametrize(("count", "at_once"), [(1, 1), (5, 1), (6, 2), (8, 8)])
def test_values_stand_in_their_order(play, count, at_once):
    values = np.random.default_rng(count).integers(-128, 128, (3, count))
    given = [row.reshape(-1, at_once).tolist() for row in values]
    turns = [turn for row in given for turn in row]
    each = count // at_once
    trace = play(
        Vector(count, 8, at_once=at_once),
        {"valid": [1] * len(turns), "values": turns},
        watch=["o"],
        cycles=len(turns) + 2,
    )
    for number, row in enumerate(values.tolist()):
        assert trace["o"][each * (number + 1) - 1 + Vector.latency] == row


def test_nothing_comes_without_valid(play):
    trace = play(
        Vector(2, 8),
        {"valid": [1, 0, 1, 0], "values": [[3], [99], [-4], [99]]},
        watch=["o"],
        cycles=6,
    )
    assert trace["o"][-1] == [3, -4]


def test_kept_values_stand_while_others_come(play):
    trace = play(
        Vector(2, 8, kept=True),
        {
            "valid": [1, 1, 0, 1, 1, 0, 0],
            "values": [[1], [2], [0], [3], [4], [0], [0]],
            "keep": [0, 0, 1, 0, 0, 0, 1],
        },
        watch=["o"],
        cycles=9,
    )
    assert trace["o"][3:7] == [[1, 2]] * 4
    assert trace["o"][7] == [3, 4]


def test_counts_that_do_not_fit():
    with pytest.raises(ValueError, match=r"^count must be a multiple of at_once \(2\), not 5$"):
        Vector(5, 8, at_once=2)
    with pytest.raises(ValueError, match=r"^width must"):
        Vector(4, 0)
