"""Growth: the design of the smallest network, for each goal."""

from __future__ import annotations

import growth
import pytest

from hwgen.designs.goals import GOALS


@pytest.mark.parametrize("goal", GOALS)
def test_a_goal_gives_a_design(goal):
    found = growth.estimated(goal, growth.Size(window=256))
    assert found["latency"] <= 2 * 256 * 16
    assert found["lut4"] > 0
    assert "multipliers" in found["design"] or "unrolled" in found["design"]


def test_what_no_design_meets_is_a_row():
    # By the page the longest window that no design answers in time.
    assert growth.estimated("latency", growth.Size(window=16384))["failed"].startswith("no design")
