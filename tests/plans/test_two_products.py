"""Where two products share a multiplier."""

from __future__ import annotations

import pytest

from hwgen.plans.two_products import Allotment, TwoProducts


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (9, -15, 15, TwoProducts(13, 18)),  # 5 bits, features of 8 without a sign
        (9, -16, 15, None),
        (9, -31, 31, None),
        (8, -15, 15, TwoProducts(12, 17)),
        (7, -31, 31, TwoProducts(12, 18)),
        (9, 0, 0, TwoProducts(1, 1)),
        (9, -1, 1, TwoProducts(10, 12)),
    ],
)
def test_how_weights_lie(value, low, high, expected):
    assert TwoProducts.of(value, low, high) == expected


@pytest.mark.parametrize("value", range(2, 10))
@pytest.mark.parametrize("most", [1, 3, 7, 15])
def test_every_pair_is_told_apart(value, most):
    two = TwoProducts.of(value, -most, most)
    if two is None:
        return
    ends = -(1 << (value - 1)), (1 << (value - 1)) - 1
    for x in {*ends, -1, 0, 1}:
        for first in range(-most, most + 1):
            for second in (-most, -1, 0, 1, most):
                operand = (second << two.place) + first
                assert -(1 << (two.operand - 1)) <= operand < 1 << (two.operand - 1)
                both = operand * x
                low = both & ((1 << two.place) - 1)
                low -= (low >> (two.place - 1)) << two.place
                assert (low, (both >> two.place) + (low < 0)) == (first * x, second * x)


@pytest.mark.parametrize(
    ("rows", "lanes", "dsp", "two", "expected"),
    [
        (4, 8, 28, False, (0, 28, 4)),
        (4, 8, 28, True, (4, 24, 0)),
        (4, 8, 32, True, (0, 32, 0)),
        (4, 8, 16, True, (16, 0, 0)),
        (4, 8, 6, True, (6, 0, 20)),
        (3, 2, 3, True, (2, 1, 1)),
        (1, 8, 4, True, (0, 4, 4)),
        (2, 2, 0, True, (0, 0, 4)),
        (2, 2, 9, True, (0, 4, 0)),
    ],
)
def test_who_gets_a_multiplier(rows, lanes, dsp, two, expected):
    found = Allotment.of(rows, lanes, dsp, TwoProducts(13, 18) if two else None)
    assert (found.shared, found.single, found.logic) == expected
    assert 2 * found.shared + found.single + found.logic == rows * lanes
    assert found.dsp <= dsp
