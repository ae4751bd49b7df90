"""A convolution as a sweep: field by field."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.layout import Layout
from hwgen.plans.ops.conv1d import sweep
from hwgen.plans.step import Array


@pytest.mark.parametrize("relu", [True, False])
def test_fields(make_chain, relu):
    chain = make_chain(3, 20).conv(3, 4).conv(5, 3, 2, 1, relu=relu, shift=6)
    op, array = chain.ops[1], Array(2, 4)
    found = sweep(op, array)
    assert (found.name, found.array) == ("conv1", array)
    assert found.source == Layout(4, 3, 17 * 3)
    assert (found.stride, found.positions, found.pool) == (6, 9, 1)
    assert (found.shift, found.out, found.weight_bits) == (6, op.out, 4)
    assert found.accumulator == op.accumulator
    assert (found.bias == op.bias).all()
    assert found.align.tolist() == [0] * 5
    # Memory holds the channels of a position side by side.
    assert found.taps.shape == (5, 9)
    for filter_, tap, channel in np.ndindex(5, 3, 3):
        assert found.taps[filter_, 3 * tap + channel] == op.weight[filter_, channel, tap]
