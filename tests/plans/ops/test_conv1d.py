"""A convolution as a step: field by field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.layout import Layout
from hwgen.plans.ops.conv1d import lower
from hwgen.plans.step import Array, Read

ARRAY = Array(2, 4)


@pytest.mark.parametrize("relu", [True, False])
def test_fields(make_chain, operand, relu):
    chain = make_chain(3, 20).conv(3, 4).conv(5, 3, 2, 1, relu=relu, shift=6)
    op = chain.ops[1]
    found = lower(op, (operand(17, 3),), ARRAY)
    assert (found.name, found.writes, found.array) == ("conv1", "conv1", ARRAY)
    # The first position begins with one of zeros.
    assert found.reads == (Read("a", Layout(4, 0, 17 * 3), -3, 6),)
    assert (found.positions, found.pool, found.hop) == (9, 1, 1)
    assert (found.post.shift, found.post.out, found.weight_bits) == (6, op.out, 4)
    assert found.post.table is None
    assert found.accumulator == op.accumulator
    assert (found.bias == op.bias).all()
    assert found.post.align.tolist() == [0] * 5
    assert found.products == 9 * 5 * 9
    # Memory holds the channels of a position side by side.
    taps = found.taps
    assert taps.weight.shape == (5, 9)
    assert taps.mask.all()
    assert taps.read.tolist() == [0] * 9
    assert taps.element.tolist() == list(range(9))
    for filter_, tap, channel in np.ndindex(5, 3, 3):
        assert taps.weight[filter_, 3 * tap + channel] == op.weight[filter_, channel, tap]


def test_dilation_is_where_taps_lie(make_chain, operand):
    op = replace(make_chain(3, 20).conv(2, 3).ops[0], dilation=4)
    found = lower(op, (operand(20, 1),), ARRAY)
    assert found.taps.element.tolist() == [0, 4, 8]
    assert found.positions == 12


def test_zeros_on_the_right_are_positions(make_chain, operand):
    op = replace(make_chain(3, 20).conv(2, 3, 1, 2).ops[0], padding_right=5)
    found = lower(op, (operand(20, 1),), ARRAY)
    assert (found.reads[0].first, found.positions) == (-2, 25)


def test_groups_meet_their_own_channels(make_chain, operand):
    op = make_chain(3, 20).conv(6, 3).conv(4, 2).ops[1]
    op = replace(op, groups=2, weight=op.weight[:, :3])
    found = lower(op, (operand(18, 6),), ARRAY)
    assert found.products == found.positions * 4 * 3 * 2
    for filter_, tap, channel in np.ndindex(4, 2, 6):
        place = 6 * tap + channel
        mine = channel // 3 == filter_ // 2
        assert found.taps.mask[filter_, place] == mine
        wanted = op.weight[filter_, channel % 3, tap] if mine else 0
        assert found.taps.weight[filter_, place] == wanted


def test_what_is_added_is_read_like_an_input(make_chain, operand):
    op = make_chain(3, 20).conv(3, 1).conv(3, 3, 2, 1).ops[1]
    op = replace(op, skip=Format(True, 4, 0), skip_shift=np.array([5, 3, 4]))
    skip = operand(10, 2, 1)
    found = lower(op, (operand(20, 3), skip), ARRAY)
    assert found.reads == (
        Read("a", Layout(4, 0, 60), -3, 6),
        Read("a", Layout(4, 0, 20), 0, 2, shift=3),
        Read("b", Layout(4, 0, 10), 0, 1, shift=3),
    )
    assert found.accumulator == op.accumulator
    assert found.weight_bits == 4  # of 2**2 and a sign, which is no more than of the layer
    taps = found.taps
    assert taps.read.tolist() == [0] * 9 + [1, 1, 2]
    assert taps.element[9:].tolist() == [0, 1, 0]
    assert taps.weight[:, 9:].tolist() == [[4, 0, 0], [0, 1, 0], [0, 0, 2]]
    assert taps.mask[:, 9:].tolist() == np.eye(3, dtype=bool).tolist()
    assert found.products == 10 * 3 * 9


def test_steep_powers_of_two_need_bits(make_chain, operand):
    op = make_chain(3, 20).conv(2, 1).conv(2, 1).ops[1]
    op = replace(op, skip=Format(True, 4, 0), skip_shift=np.array([0, 6]))
    assert lower(op, (operand(20, 2), operand(20, 2)), ARRAY).weight_bits == 8
