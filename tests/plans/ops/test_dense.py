"""A dense layer as a step: field by field."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.layout import Layout
from hwgen.plans.ops.dense import lower
from hwgen.plans.step import Array, Read


@pytest.mark.parametrize("last", [True, False])
def test_fields(make_chain, operand, last):
    chain = make_chain(3, 12).conv(3, 4).dense(5, last=last)
    op, array = chain.ops[1], Array(2, 4)
    found = lower(op, (operand(9, 3),), array)
    assert (found.name, found.writes, found.array) == ("dense1", "dense1", array)
    assert found.reads == (Read("a", Layout(4, 0, 27), 0, 0),)
    assert (found.positions, found.pool, found.exact) == (1, 1, last)
    assert (found.post.shift, found.weight_bits) == (op.shift, 4)
    assert found.post.out == (None if last else op.out)
    assert found.accumulator == op.accumulator
    assert (found.bias == op.bias).all()
    assert (found.post.align == op.align).all()
    assert found.products == 5 * 27
    # Memory goes position by position, the weights channel by channel.
    for output, channel, position in np.ndindex(5, 3, 9):
        place = 3 * position + channel
        assert found.taps.weight[output, place] == op.weight[output, 9 * channel + position]
        assert found.taps.element[place] == place


def test_a_row_has_one_order(make_chain, operand):
    op = make_chain(3, 12).dense(4).dense(3, last=True).ops[1]
    assert op.shape == (4,)
    found = lower(op, (operand(1, 4),), Array(1, 2))
    assert (found.taps.weight == op.weight).all()


def test_rows_side_by_side(make_chain, operand):
    op = make_chain(3, 12).conv(3, 4).dense(5, last=True).ops[1]
    found = lower(op, (operand(9, 1, 2),), Array(2, 4))
    assert [(read.value, read.source.length) for read in found.reads] == [("a", 9), ("b", 18)]
    weight = op.weight.reshape(5, 3, 9)
    one = found.taps.read == 0
    assert (found.taps.weight[:, one] == weight[:, 0]).all()
    two = found.taps.weight[:, ~one].reshape(5, 9, 2).transpose(0, 2, 1)
    assert (two == weight[:, 1:]).all()
    assert found.taps.element.tolist() == [*range(9), *range(18)]
