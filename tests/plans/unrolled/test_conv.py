"""How a convolution is unrolled, against the definition of a convolution."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.unrolled.conv import UnrolledConvPlan


def conv(length, kernel, stride=1, padding=0, filters=2, channels=1, shift=2, seed=0):
    """Return what a plan knows of a convolution."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-7, 8, (filters, channels, kernel))
    positions = (length + 2 * padding - kernel) // stride + 1
    return SimpleNamespace(
        weight=weight, bias=rng.integers(-50, 50, filters), length=length, stride=stride,
        padding=padding, positions=positions, shift=shift, source=Format(False, 3, 0),
        dilation=1, reach=kernel,
    )  # fmt: skip


# length, kernel, stride, padding, pool, lanes, offset
SHAPES = [
    (20, 5, 1, 0, 1, 1, 0), (20, 5, 2, 1, 2, 4, 0), (21, 7, 2, 3, 4, 4, 3), (32, 16, 4, 4, 2, 8, 7),
    (16, 3, 1, 1, 3, 1, 0), (30, 9, 3, 4, 2, 6, 2), (17, 4, 1, 0, 8, 4, 1), (24, 6, 2, 0, 1, 8, 0),
    (9, 9, 3, 0, 1, 3, 0), (40, 12, 4, 8, 6, 4, 3),
]  # fmt: skip


def plan_of(shape):
    length, kernel, stride, padding, pool, lanes, offset = shape
    return UnrolledConvPlan(conv(length, kernel, stride, padding), pool, lanes, offset)


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers(shape):
    length, _, stride, _, pool, lanes, offset = shape
    plan = plan_of(shape)
    assert plan.filters == 2
    assert plan.steps * stride == lanes
    assert (plan.words - 1) * lanes < offset + length <= plan.words * lanes
    assert plan.positions == plan.op.positions // pool
    # A group leaves with every `interval` words, `pooled` positions of it.
    assert plan.interval * plan.steps == plan.pooled * pool
    assert plan.interval == 1 or plan.pooled == 1
    assert plan.group == plan.pooled * 2
    assert (plan.groups - 1) * plan.pooled < plan.positions <= plan.groups * plan.pooled


@pytest.mark.parametrize("shape", SHAPES)
def test_which_words_meet_which_positions(shape):
    """Element by element: a position's taps lie in the words that the plan names, and no others."""
    _, kernel, stride, padding, _, lanes, offset = shape
    plan = plan_of(shape)
    columns = set()
    for r in range(plan.steps):
        first = stride * r - padding + offset
        words = sorted({(first + tap) // lanes for tap in range(kernel)})
        assert plan.starts[r] == words[0]
        assert plan.ends[r] == max(0, words[-1])
        for word in range(words[0] - 2, words[-1] + 3):
            for filter_ in range(2):
                column = plan.column(r, word, filter_)
                if word not in words:
                    assert column is None
                    continue
                columns.add(column)
                expected = [
                    int(plan.op.weight[filter_, 0, element - first])
                    if 0 <= element - first < kernel else 0
                    for element in range(lanes * word, lanes * (word + 1))
                ]  # fmt: skip
                assert plan.matrix[column].tolist() == expected
    assert columns == set(range(len(plan.matrix)))
    assert plan.lead == max(plan.ends)
    # The last group is known with the last word that any of its positions takes from.
    assert plan.last_word == (plan.groups * plan.interval - 1) + plan.lead
    assert plan.flush == max(0, plan.last_word + 1 - plan.words)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_sums_are_the_convolution(shape):
    """Products of words and matrix, added up as the plan says, are the golden sums."""
    length, kernel, stride, padding, _, lanes, offset = shape
    plan = plan_of(shape)
    rng = np.random.default_rng(length)
    x = rng.integers(0, 8, length)
    row = np.zeros((plan.words + 40) * lanes, dtype=np.int64)
    shifted = 20 * lanes
    row[shifted + offset : shifted + offset + length] = x
    padded = np.concatenate([np.zeros(padding, int), x, np.zeros(padding + kernel, int)])
    for position in range(plan.op.positions):
        group, r = divmod(position, plan.steps)
        for filter_ in range(2):
            taps = plan.op.weight[filter_, 0]
            wanted = int(padded[stride * position : stride * position + kernel] @ taps)
            total = 0
            for word in range(plan.starts[r], plan.ends[r] + 1):
                column = plan.column(r, word, filter_)
                if column is not None:
                    at = shifted + (group + word) * lanes
                    total += int(row[at : at + lanes] @ plan.matrix[column])
            assert total == wanted


@pytest.mark.parametrize("dilation", [2, 3, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_dilated_kernel_is_one_with_zeros_between_its_taps(shape, dilation):
    length, kernel, stride, padding, pool, lanes, offset = shape
    length += dilation * kernel
    dilated, spread = (conv(length, kernel, stride, padding) for _ in range(2))
    reach = dilation * (kernel - 1) + 1
    positions = (length + 2 * padding - reach) // stride + 1
    weight = np.zeros((2, 1, reach), dtype=np.int64)
    weight[:, :, ::dilation] = dilated.weight
    vars(dilated).update(dilation=dilation, reach=reach, positions=positions)
    vars(spread).update(weight=weight, reach=reach, positions=positions)
    plan, wanted = (UnrolledConvPlan(op, pool, lanes, offset) for op in (dilated, spread))
    assert (plan.matrix == wanted.matrix).all()
    for name in ("starts", "ends", "lead", "last_word", "flush", "order"):
        assert getattr(plan, name) == getattr(wanted, name)


@pytest.mark.parametrize("shape", SHAPES)
def test_order(shape):
    plan = plan_of(shape)
    expected = []
    for group in range(plan.groups):
        for place in range(plan.pooled):
            position = group * plan.pooled + place
            for filter_ in range(2):
                inside = position < plan.positions
                expected.append(filter_ * plan.positions + position if inside else None)
    assert plan.order == tuple(expected)
    known = [place for place in plan.order if place is not None]
    assert sorted(known) == list(range(2 * plan.positions))


@pytest.mark.parametrize(("shift", "half"), [(0, 0), (1, 1), (2, 2), (5, 16), (-1, 0)])
def test_half_of_the_last_place(shift, half):
    assert UnrolledConvPlan(conv(20, 5, shift=shift), 1, 1).half == half


@pytest.mark.parametrize("shape", SHAPES[:6])
def test_what_partial_sums_can_be(shape):
    """Of every word so far its own ends, with bias and rounding: by interval arithmetic."""
    plan = plan_of(shape)
    for r in range(plan.steps):
        for filter_ in range(2):
            low = high = int(plan.op.bias[filter_]) + plan.half
            for word in range(plan.starts[r], plan.ends[r] + 1):
                column = plan.column(r, word, filter_)
                if column is not None:
                    low += int(np.minimum(plan.matrix[column], 0).sum()) * 7
                    high += int(np.maximum(plan.matrix[column], 0).sum()) * 7
                span = plan.partial(r, word, filter_)
                assert (span.low, span.high) == (low, high)


def test_the_graph_is_of_the_matrix():
    plan = plan_of(SHAPES[1])
    assert (plan.graph.matrix == plan.matrix).all()
    assert (plan.graph.source.low, plan.graph.source.high) == (0, 7)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"pool": 0}, ValueError, "pool must be at least 1, not 0"),
        ({"lanes": 0}, ValueError, "lanes must be at least 1, not 0"),
        ({"offset": -1}, ValueError, "offset must be at least 0, not -1"),
        ({"offset": 4}, ValueError, r"offset must be less than lanes \(4\), not 4"),
        ({"lanes": 5}, ValueError, r"lanes must be a multiple of stride \(2\), not 5"),
        ({"lanes": 8, "pool": 3}, ValueError,
         r"pool must divide lanes / stride \(4\) or be a multiple of it, not 3"),
        ({"pool": 10}, ValueError, "pool must be at most 8, not 10"),
        ({"op": conv(20, 5, channels=2)}, ValueError, "channels must be 1, not 2"),
        ({"pool": 1.0}, TypeError, "pool must be an integer, not 1.0"),
    ],
)  # fmt: skip
def test_what_is_refused(changes, error, text):
    given = {"op": conv(20, 5, stride=2), "pool": 2, "lanes": 4, "offset": 0} | changes
    with pytest.raises(error, match=f"^{text}$"):
        UnrolledConvPlan(**given)


@pytest.mark.parametrize(
    "changes", [{"offset": 3}, {"pool": 8}, {"pool": 1}, {"lanes": 8, "pool": 4}]
)
def test_the_ends_are_taken(changes):
    UnrolledConvPlan(**{"op": conv(20, 5, stride=2), "pool": 2, "lanes": 4, "offset": 0} | changes)
