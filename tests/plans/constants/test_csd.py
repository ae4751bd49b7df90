"""Canonical signed digits."""

from __future__ import annotations

import itertools

from hwgen.plans.constants.csd import digits


def test_digits_add_up_and_none_are_neighbours():
    for value in range(-1030, 1031):
        found = digits(value)
        assert sum(digit << position for position, digit in found) == value
        assert {digit for _, digit in found} <= {-1, 1}
        assert all(b - a > 1 for (a, _), (b, _) in itertools.pairwise(found))


def test_no_form_has_fewer_digits():
    for value in range(-40, 41):
        fewest = min(
            sum(map(abs, form))
            for form in itertools.product((-1, 0, 1), repeat=8)
            if sum(digit << place for place, digit in enumerate(form)) == value
        )
        assert len(digits(value)) == fewest
