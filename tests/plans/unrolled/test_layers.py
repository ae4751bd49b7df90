"""Convolution, pooling and dense layer in a row: what can be unrolled, and its cycles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwgen.errors import CannotMeetError
from hwgen.plans.design import Design
from hwgen.plans.layout import Layout
from hwgen.plans.unrolled.layers import (
    UnrolledLayersPlan,
    at_once,
    least_lanes,
    planned,
)
from hwgen.plans.unrolled.row import whole_row


@pytest.fixture
def ops(make_chain):
    """Return convolution, pooling and last layer."""
    return tuple(make_chain(1, 16).conv(2, 4, 2, 1).pool(2).dense(3, last=True).ops)


def test_whole_row(make_chain):
    chain = make_chain(1, 16).conv(2, 4).pool(3).dense(3, last=True)
    assert whole_row(tuple(chain.ops)) == (chain.ops[0], 3, chain.ops[2])
    chain = make_chain(1, 16).conv(2, 4).dense(3, last=True)
    assert whole_row(tuple(chain.ops)) == (chain.ops[0], 1, chain.ops[1])


@pytest.mark.parametrize(
    "build",
    [
        lambda chain: chain.conv(2, 4),
        lambda chain: chain.conv(2, 4).pool(2),
        lambda chain: chain.conv(2, 4).dense(3),
        lambda chain: chain.dense(3).dense(3, last=True),
        lambda chain: chain.conv(2, 4).dense(4).dense(3, last=True),
        lambda chain: chain.conv(2, 4).conv(2, 3).dense(3, last=True),
        lambda chain: chain.conv(2, 4).conv(2, 3),
    ],
)
def test_other_layers_are_refused(make_chain, build):
    chain = build(make_chain(1, 16))
    with pytest.raises(CannotMeetError) as caught:
        whole_row(tuple(chain.ops))
    assert str(caught.value) == (
        "unrolled layers must be conv1d, maxpool1d or none, and one dense layer, not "
        f"{', '.join(op.op for op in chain.ops)}; ask for a MAC array with --parallel"
    )


def test_a_convolution_with_outputs_of_padding_alone_is_refused(make_chain):
    conv, pool, last = make_chain(1, 16).conv(2, 4).pool(2).dense(3, last=True).ops
    with pytest.raises(CannotMeetError, match="unrolled layers must be"):
        whole_row((replace(conv, padding=4), pool, last))


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (3, 0), (None, 1), (2, 1)])
def test_groups_that_are_not_side_by_side_are_refused(make_chain, stride, padding):
    conv, pool, last = make_chain(1, 16).conv(2, 4).pool(2).dense(3, last=True).ops
    pool = replace(pool, stride=stride, padding=padding)
    with pytest.raises(CannotMeetError) as caught:
        whole_row((conv, pool, last))
    assert str(caught.value) == (
        f"pool1 cannot be unrolled: stride must be size (2) and padding 0, not "
        f"{stride or 2} and {padding}; ask for a MAC array with --parallel"
    )


def test_a_stride_of_the_size_is_side_by_side(make_chain):
    conv, pool, last = make_chain(1, 16).conv(2, 4).pool(2).dense(3, last=True).ops
    assert whole_row((conv, replace(pool, stride=2), last)) == (conv, 2, last)


def test_plans(ops):
    plan = planned(ops, 8)
    assert (plan.op, plan.pool, plan.lanes, plan.group) == (ops[0], 2, 8, 4)
    assert at_once(ops, 8) == [1, 2, 4]
    with pytest.raises(CannotMeetError, match="conv0 cannot be unrolled: lanes must be a multiple"):
        planned(ops, 3)
    assert least_lanes(ops) == 2


def test_the_whole(ops):
    plan = UnrolledLayersPlan.of(ops, Design(None, 5, lanes=8, values=2))
    conv, dense = plan.conv, plan.dense
    assert (conv.op, conv.pool, conv.lanes, conv.offset) == (ops[0], 2, 8, 0)
    assert (dense.op, dense.order, dense.group) == (ops[2], conv.order, conv.group)
    assert (dense.interval, dense.values_at_once, dense.dsp) == (conv.interval, 2, 5)
    assert plan.source == Layout(8, 0, 16)
    assert plan.value_width == ops[0].source.width
    assert (plan.classes, plan.logit_bits) == (3, ops[2].out.width)
    assert plan.timing.breakdown == (("conv0", conv.latency), ("dense2", dense.latency))
    assert plan.timing.latency == conv.latency + dense.latency
