"""A dense layer as a sweep: field by field."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.layout import Layout
from hwgen.plans.ops.dense import sweep
from hwgen.plans.step import Array


@pytest.mark.parametrize("last", [True, False])
def test_fields(make_chain, last):
    chain = make_chain(3, 12).conv(3, 4).dense(5, last=last)
    op, array = chain.ops[1], Array(2, 4)
    found = sweep(op, array)
    assert (found.name, found.array) == ("dense1", array)
    assert found.source == Layout(4, 0, 27)
    assert (found.stride, found.positions, found.pool) == (0, 1, 1)
    assert (found.shift, found.weight_bits) == (op.shift, 4)
    assert found.out == (None if last else op.out)
    assert found.accumulator == op.accumulator
    assert (found.bias == op.bias).all()
    assert (found.align == op.align).all()
    # Memory goes position by position, the weights channel by channel.
    for output, channel, position in np.ndindex(5, 3, 9):
        assert (
            found.taps[output, 3 * position + channel] == op.weight[output, 9 * channel + position]
        )


def test_a_row_has_one_order(make_chain):
    op = make_chain(3, 12).dense(4).dense(3, last=True).ops[1]
    assert op.shape == (4,)
    assert (sweep(op, Array(1, 2)).taps == op.weight).all()
