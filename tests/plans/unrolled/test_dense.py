"""The last dense layer, unrolled: what is refused, and the order of its weights."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.unrolled.dense import UnrolledDensePlan


@pytest.fixture
def op(make_chain):
    return make_chain(7, 8).dense(3, last=True).ops[0]


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"values_at_once": 3}, ValueError, r"values_at_once must divide group \(4\), not 3"),
        ({"values_at_once": 0}, ValueError, "values_at_once must be at least 1, not 0"),
        ({"group": 2.0}, TypeError, r"group must be an integer, not 2\.0"),
        ({"interval": 0}, ValueError, "interval must be at least 1, not 0"),
        ({"dsp": -1}, ValueError, "dsp must be at least 0, not -1"),
        (
            {"order": (0, 1, 2, 3, 4, 5, 6, 6)},
            ValueError,
            "order must have every place of the input once",
        ),
        (
            {"order": (*range(8), None)},
            ValueError,
            "order must be whole groups of 4, not 9 values",
        ),
    ],
)
def test_what_is_refused(op, changes, error, text):
    given = {"order": tuple(range(8)), "group": 4, "values_at_once": 2, "dsp": 1} | changes
    with pytest.raises(error, match=f"^{text}$"):
        UnrolledDensePlan(op, **given)


def test_a_hidden_layer_is_refused(make_chain):
    hidden = make_chain(7, 8).dense(3).ops[0]
    with pytest.raises(ValueError, match="op must be the last layer, not a hidden one"):
        UnrolledDensePlan(hidden, tuple(range(8)), 4, 2, 1)


@pytest.mark.parametrize(("at_once", "interval", "queued"), [(1, 4, False), (1, 3, True)])
def test_groups_wait_where_they_take_longer_than_they_come(op, at_once, interval, queued):
    plan = UnrolledDensePlan(op, tuple(range(8)), 4, at_once, 1, interval)
    assert plan.queued == queued
    assert (plan.beats, plan.groups, plan.words) == (4, 2, 8)
    assert plan.wait == (1 + 2 + 1 * (4 - 3) if queued else 0)


def test_weights_are_in_the_order_of_arrival(op):
    order = (3, 0, None, 7, 1, 2, 4, 5, 6, None, None, None)
    plan = UnrolledDensePlan(op, order, 4, 2, 9)
    assert (plan.weights.depth, plan.weights.bits) == (plan.words, op.weight_bits)
    for word, weights in enumerate(plan.weights.weights.reshape(-1, 2, 3)):
        for place, value in enumerate(order[2 * word : 2 * word + 2]):
            for row in range(3):
                assert weights[place, row] == (0 if value is None else op.weight[row, value])
    assert (plan.multipliers, plan.multipliers_dsp) == (6, 6)


def test_totals_hold_every_sum_of_some_products(op):
    plan = UnrolledDensePlan(op, tuple(range(8)), 4, 2, 1)
    for row, bias, width in zip(op.weight, op.bias, plan.total_widths, strict=True):
        ends = [
            int(bias) + int(np.where(sign * row > 0, row, 0).sum()) * op.source.max
            for sign in (1, -1)
        ]
        assert min(ends) >= -(1 << width - 1)
        assert max(ends) < 1 << width - 1
        assert min(ends) < -(1 << width - 2) or max(ends) >= 1 << width - 2
