"""Cycles of steps behind one another."""

from __future__ import annotations

import pytest

from hwgen.plans.timing import Timing


def test_steps_add_up():
    timing = Timing.of((("a", 3), ("b", -1), ("c", 5)), 9, pause=2, in_flight=4, lead=1)
    assert timing == Timing(7, 9, 2, 4, 1, (("a", 3), ("b", -1), ("c", 5)))
    assert Timing(7, 9) == Timing(7, 9, pause=1, in_flight=1, lead=0, breakdown=())


def test_steps_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match=r"breakdown must add up to latency \(7\), not 8"):
        Timing(7, 9, breakdown=(("a", 3), ("b", 5)))
