"""Adaptive averages as a step: groups of two sizes are outputs beside each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.network.ops.adaptiveavgpool1d import AdaptiveAvgPool1d
from hwgen.plans.layout import Layout
from hwgen.plans.ops import maxpool1d
from hwgen.plans.ops.adaptiveavgpool1d import lower
from hwgen.plans.step import Array, Read
from hwgen.quantized import Activations, Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen

ARRAY = Array(2, 4)


def average(positions: int, length: int, channels: int = 2):
    source = Activations((channels, length), Format(True, 4, 0), np.ones(channels))
    layer = AdaptiveAvgPool1d("mean", positions)
    return integer_op(layer, (source,), Precision(), Chosen(3))


def test_of_one_stretch(operand):
    op = average(2, 5)
    found = lower(op, (operand(5, 2),), ARRAY)
    assert (found.name, found.writes, found.pool) == ("mean", "mean", 1)
    assert found.reads == (Read("a", Layout(4, 0, 10), 0, 0),)
    assert (found.positions, found.outputs) == (1, 4)
    assert (found.post.shift, found.post.out) == (3, op.out)
    assert found.accumulator == op.accumulator
    assert found.products == 0
    assert found.bias.tolist() == [0] * 4


def test_of_several_stretches(operand):
    op = average(4, 14)
    found = lower(op, (operand(14, 2),), ARRAY)
    # Seven positions give two, again and again: 0 to 3 and 3 to 6, which share one.
    assert (found.positions, found.outputs) == (2, 4)
    assert found.reads == (Read("a", Layout(4, 0, 28), 0, 14),)
    assert found.taps.element[found.taps.owner == 0].tolist() == [0, 2, 4, 6]
    assert found.taps.element[found.taps.owner == 3].tolist() == [7, 9, 11, 13]
    assert set(found.taps.value.tolist()) == {1}


@pytest.mark.parametrize(("positions", "length", "bits"), [(5, 7, 3), (7, 17, 4), (3, 10, 2)])
def test_weights_take_the_bits_that_they_need(operand, positions, length, bits):
    found = lower(average(positions, length), (operand(length, 2),), ARRAY)
    assert found.weight_bits == bits
    assert found.taps.weight.max() < 1 << (bits - 1)


def test_words_of_other_groups_are_not_read(operand):
    # A place of eight channels is two words.
    found = lower(average(3, 11, 8), (operand(11, 8),), ARRAY)
    assert found.words < 2 * 5


def test_a_pooling_behind_several_positions_at_once_is_a_step_of_its_own(operand, make_chain):
    pool = make_chain(3, 12).conv(2, 3).pool(2).ops[1]
    found = lower(average(4, 14), (operand(14, 2),), ARRAY)
    assert maxpool1d.fuse(found, replace(pool, channels=2, length=4)) is None


def test_many_positions_of_many_channels_are_few_taps(operand):
    found = lower(average(127, 1009, 64), (operand(1009, 64),), ARRAY)
    assert len(found.taps.read) == 64 * sum(len(group) for group, _ in average(127, 1009).groups)
