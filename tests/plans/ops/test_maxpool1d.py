"""Pooling is the end of the sweep before it."""

from __future__ import annotations

import pytest

from hwgen.errors import InputError
from hwgen.plans.ops.conv1d import sweep
from hwgen.plans.ops.dense import sweep as dense_sweep
from hwgen.plans.ops.maxpool1d import fuse
from hwgen.plans.step import Array


def test_fused(make_chain):
    chain = make_chain(3, 12).conv(2, 3).pool(4)
    before = sweep(chain.ops[0], Array(1, 2))
    found = fuse(before, chain.ops[1])
    assert (found.pool, found.positions) == (4, 8)
    assert (before.pool, before.positions) == (1, 10)


def test_only_a_convolution_is_pooled_and_once(make_chain):
    chain = make_chain(3, 12).conv(2, 3).pool(4).dense(3)
    pool = chain.ops[1]
    conv = sweep(chain.ops[0], Array(1, 2))
    dense = dense_sweep(chain.ops[2], Array(1, 2))
    for before in (None, fuse(conv, pool), dense):
        with pytest.raises(InputError, match="pool1 must follow a convolution directly; put it"):
            fuse(before, pool)
