"""Which layers have hardware of their own in front of an array, and what is left behind them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.network import SAMPLES
from hwgen.network.graph import Graph, Output
from hwgen.plans.split import heads, split
from hwgen.plans.unrolled.row import Row
from tests.integer_graphs import Maker, small_residual


@pytest.fixture
def made():
    """Samples, a convolution, its pooling, and two paths that meet in a sum."""
    make = Maker(np.random.default_rng(4))
    conv = make.conv(make.begin("direct", 24, 1), 2, 3, stride=2)
    pool = make.max_pool(conv, 2)
    make.end(make.conv(pool, 2, 1, pool, relu=True))
    return make.case.model


def test_nothing_in_front(made):
    parts = split(made)
    assert (parts.source, parts.features, parts.row) == (made.ops[0], made.ops[0], Row())
    assert parts.rest.inputs == ("first",)
    assert parts.rest.nodes == made.graph.nodes[1:]


def test_layers_in_front(made):
    conv, pool = made.ops[1:3]
    parts = split(made, (conv.name,))
    assert (parts.features, parts.row) == (conv, Row(conv=conv))
    assert parts.rest.nodes == made.graph.nodes[2:]
    parts = split(made, (conv.name, pool.name))
    assert (parts.features, parts.row) == (pool, Row(conv=conv, pool=2))
    assert parts.rest.inputs == (pool.name,)
    assert parts.rest.nodes == made.graph.nodes[3:]
    assert parts.rest.outputs == made.graph.outputs


def test_every_choice(made):
    assert heads(made) == [("n1",), ("n1", "n2")]
    # Two layers read the stem's value: the stem itself may stand alone.
    assert heads(small_residual(1, 1, 2).model) == [("n1",)]


def test_values_are_as_wide_as_those_of_the_rest(made):
    wide = replace(made.ops[0], out=replace(made.ops[0].out, int_bits=11))
    model = made.with_ops((wide,))
    assert split(model).value_width == 12
    assert split(model, ("n1",)).value_width < 12


@pytest.mark.parametrize("names", [("n2",), ("n1", "n3"), ("n1", "n2", "n3"), ("x",)])
def test_what_does_not_follow_is_refused(made, names):
    with pytest.raises(CannotMeetError, match=r"must be the only layer that reads|unrolled layers"):
        split(made, names)


def test_the_last_layer_stays_behind(make_chain):
    model = small_residual(1, 1, 2).model
    chain = make_chain(1, 16).conv(2, 4).dense(3, last=True)
    ops = [model.ops[0], *chain.ops]
    graph = Graph.chain(SAMPLES, ops)
    whole = replace(model, graph=graph, classes=("a", "b", "c"))
    with pytest.raises(CannotMeetError, match="must have a layer behind it"):
        split(whole, tuple(op.name for op in chain.ops))
    assert heads(whole) == [(chain.ops[0].name,)]


def test_a_source_alone_is_refused(made):
    first = made.graph.nodes[0]
    graph = Graph(made.graph.inputs, (first,), (Output(first.name, "values"),))
    alone = replace(made, graph=graph, classes=())
    text = f"^on chip a network must have a layer behind {first.name}, not none$"
    with pytest.raises(InputError, match=text):
        split(alone)


def test_what_leaves_is_not_passed_by(made):
    graph = made.graph
    both = Graph(graph.inputs, graph.nodes, (*graph.outputs, Output("n1", "values")))
    with pytest.raises(CannotMeetError, match="n2 must be the only layer that reads n1"):
        split(replace(made, graph=both), ("n1", "n2"))
