"""From a graph to steps: which layers are steps of their own, and which become part of others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Output
from hwgen.plans import lowering
from hwgen.plans.lowering import lowered
from hwgen.plans.step import Array
from tests.integer_graphs import Maker

ARRAY = Array(2, 4)


@pytest.fixture
def make():
    return Maker(np.random.default_rng(4))


def steps_of(make: Maker):
    return lowered(make.case.model.graph, ARRAY)


def named(steps):
    return [(step.name, step.writes) for step in steps]


def test_a_pool_is_the_end_of_the_step_before_it(make):
    conv = make.conv(make.begin("direct", 16, 1), 2, 3)
    pool = make.max_pool(conv, 2)
    make.dense(pool, 3, last=True)
    assert named(steps_of(make)) == [("n1", "n2"), ("n3", "n3")]


def test_not_where_somebody_else_wants_what_is_before_it(make):
    conv = make.conv(make.begin("direct", 16, 1), 2, 1)
    pool = make.max_pool(conv, 2)
    make.dense(make.concat(make.dense(pool, 2), make.dense(conv, 2)), 3, last=True)
    assert named(steps_of(make)) == [(f"n{k}", f"n{k}") for k in (1, 2, 3, 4, 6)]


def test_not_where_the_value_before_it_leaves(make):
    conv = make.conv(make.begin("direct", 16, 1), 2, 3)
    pool = make.max_pool(conv, 2)
    last = make.dense(pool, 3, last=True)
    outputs = (Output(last), Output(conv, "values"))
    graph = Graph((SAMPLES,), tuple(make.nodes), outputs)
    assert named(lowered(graph, ARRAY)) == [("n1", "n1"), ("n2", "n2"), ("n3", "n3")]


def test_a_pool_of_the_source_is_a_step(make):
    make.dense(make.max_pool(make.begin("direct", 16, 2), 2), 3, last=True)
    assert named(steps_of(make)) == [("n1", "n1"), ("n2", "n2")]


def test_the_place_of_a_fused_step_stays(make):
    first = make.begin("direct", 16, 1)
    one, two = make.conv(first, 2, 3), make.conv(first, 2, 2, stride=2)
    pool = make.max_pool(one, 2)
    make.dense(make.add(pool, make.conv(two, 2, 2)), 3, last=True)
    assert named(steps_of(make)) == [("n1", "n3"), ("n2", "n2"), ("n4", "n4"), ("n5", "n5"),
                                     ("n6", "n6")]  # fmt: skip


def test_values_side_by_side_are_no_step(make):
    first = make.begin("direct", 16, 1)
    joined = make.concat(make.conv(first, 2, 1), make.conv(first, 3, 1))
    make.dense(joined, 3, last=True)
    steps = steps_of(make)
    assert named(steps) == [("n1", "n1"), ("n2", "n2"), ("n4", "n4")]
    assert [read.value for read in steps[-1].reads] == ["n1", "n2"]


def test_channels_and_positions_of_the_source(make):
    make.dense(make.begin("direct", 7, 3), 2, last=True)
    (step,) = steps_of(make)
    assert [(read.value, read.source.length) for read in step.reads] == [("first", 21)]


def test_an_op_that_is_only_an_end(make, monkeypatch):
    make.dense(make.max_pool(make.begin("direct", 16, 1), 2), 3, last=True)
    real = lowering.room
    only = SimpleNamespace(fuse=lambda before, op: None)
    monkeypatch.setattr(
        lowering, "room", lambda where, op: only if op == "maxpool1d" else real(where, op)
    )
    with pytest.raises(InputError, match=r"^n1 must follow a layer that it can be the end of$"):
        steps_of(make)
