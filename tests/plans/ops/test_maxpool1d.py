"""Pooling is the end of the step before it, or a step that takes values as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.ops import conv1d, dense
from hwgen.plans.ops.maxpool1d import fuse, lower
from hwgen.plans.step import Array, Read

ARRAY = Array(1, 2)


@pytest.fixture
def pool(make_chain):
    """Four positions at a time of two channels and ten."""
    return make_chain(3, 12).conv(2, 3).pool(4).ops[1]


@pytest.fixture
def conv(make_chain, operand):
    return conv1d.lower(make_chain(3, 12).conv(2, 3).ops[0], (operand(12, 1),), ARRAY)


def test_fused(conv, pool):
    found = fuse(conv, pool)
    assert (found.name, found.writes) == ("conv0", "pool1")
    assert (found.pool, found.hop, found.positions) == (4, 4, 8)
    assert (conv.pool, conv.positions) == (1, 10)


def test_fused_with_positions_between_the_groups(conv, pool):
    found = fuse(conv, replace(pool, size=2, stride=3))
    assert (found.pool, found.hop, found.positions) == (2, 3, 6)
    assert found.where.tolist() == [0, 1, 3, 4, 6, 7]


def test_what_is_no_end_of_the_step_before(make_chain, operand, conv, pool):
    # Another pool's end, a row of one position, zeros, and groups that would be computed twice.
    row = make_chain(3, 12).conv(2, 3).dense(3).ops[1]
    assert fuse(fuse(conv, pool), pool) is None
    assert fuse(dense.lower(row, (operand(10, 2),), ARRAY), pool) is None
    assert fuse(conv, replace(pool, padding=1)) is None
    assert fuse(conv, replace(pool, stride=3)) is None


def test_a_step_of_its_own(operand, pool):
    op = replace(pool, size=3, stride=2, padding=1)
    found = lower(op, (operand(10, 2),), ARRAY)
    assert (found.name, found.writes) == ("pool1", "pool1")
    assert found.reads == (Read("a", Layout(2, 0, 20), -2, 2),)
    assert found.taps.weight.tolist() == [[1, 0], [0, 1]]
    assert found.taps.mask.tolist() == [[True, False], [False, True]]
    assert (found.pool, found.hop) == (3, 2)
    assert found.positions == 3 * op.output.shape[1]
    assert (found.post.shift, found.post.out, found.bias.tolist()) == (0, op.out, [0, 0])
    assert found.accumulator == (0, op.out.max)
    assert found.products == 0
    assert lower(replace(op, stride=None), (operand(10, 2),), ARRAY).post.pool_stride is None


def test_zeros_are_no_least_value_where_there_are_less(operand, pool):
    op = replace(pool, padding=1, out=Format(True, 4, 0))
    found = lower(op, (operand(10, 2),), ARRAY)
    assert found.post.counted == (1, 11)
    assert found.beyond.tolist() == [True, *[False] * (found.positions - 2), True]
    assert (
        lower(replace(op, out=Format(False, 4, 0)), (operand(10, 2),), ARRAY).post.counted is None
    )
    plain = lower(replace(op, padding=0), (operand(10, 2),), ARRAY)
    assert (plain.accumulator, plain.post.counted) == ((-16, 15), None)


@pytest.mark.parametrize(
    ("channels", "rows", "beside"), [(1, 4, 4), (1, 7, 6), (2, 4, 2), (3, 4, 1), (1, 5, 4)]
)
def test_rows_that_few_channels_leave_free_do_other_groups(operand, pool, channels, rows, beside):
    op = replace(pool, size=3, stride=2, channels=channels, length=25)
    assert op.output.shape[1] == 12
    found = lower(op, (operand(25, channels),), Array(rows, 2))
    assert (found.outputs, found.pool, found.hop) == (beside * channels, 3, 2 * beside)
    assert found.positions == 3 * 12 // beside
    assert found.values == 12 * channels
    wanted = [2 * group * channels + c for group in range(beside) for c in range(channels)]
    assert found.taps.element.tolist() == wanted
    assert found.taps.owner.tolist() == list(range(beside * channels))


def test_groups_that_reach_beyond_a_value_are_done_one_by_one(operand, pool):
    op = replace(pool, size=3, stride=2, channels=1, length=24, padding=1)
    assert lower(op, (operand(24, 1),), Array(4, 2)).outputs == 1
