"""What becomes hardware: one source, and behind it layers with a class or values at the end."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.network import SAMPLES
from hwgen.network.graph import Graph, Node, Output
from hwgen.plans import planner
from hwgen.plans.chain import first_of, layers_of, ops_of
from hwgen.plans.design import Design
from hwgen.plans.planner import plan, source_dsp
from hwgen.plans.step import Array
from tests.integer_graphs import Maker


@pytest.fixture(scope="module")
def model(make_example):
    return make_example(1, window=64, convs=((2, 8, 4, 2, 2),), hidden=6, classes=3).model


def test_a_chain_is_a_source_and_layers(model):
    assert ops_of(model) == model.ops
    assert (first_of(model), *layers_of(model)) == model.ops


@pytest.fixture(scope="module")
def branched():
    """Two values side by side behind a source that unrolled layers could follow."""
    make = Maker(np.random.default_rng(1))
    first = make.begin("direct", 16, 1)
    make.dense(make.concat(make.conv(first, 2, 3), make.conv(first, 2, 3)), 3, last=True)
    return make.case.model


def test_a_graph_is_no_chain(branched):
    text = r"^random must be a chain of ops whose end is a class to become hardware, not a graph wi"
    for use in (ops_of, layers_of):
        with pytest.raises(InputError, match=text):
            use(branched)
    assert first_of(branched).name == "first"


def test_another_output_is_refused(model):
    outputs = (*model.graph.outputs, Output("fc1", "values"))
    graph = Graph(model.graph.inputs, model.graph.nodes, outputs)
    two = dataclasses.replace(model, graph=graph)
    with pytest.raises(InputError, match=r"must be a chain of ops whose end is a class to be"):
        ops_of(two)
    # Only layers that have hardware of their own must be one.
    assert plan(two, Design(Array(1, 1), 0)).numbers == two.graph["fc1"].op.output.shape[0]


def test_logits_that_a_layer_reads_are_refused():
    make = Maker(np.random.default_rng(1))
    conv = make.conv(make.begin("direct", 16, 1), 2, 3)
    logits = make.dense(conv, 3, last=True)
    end = make.dense(logits, 2)
    outputs = (Output(logits), Output(end, "values"))
    graph = Graph((SAMPLES,), tuple(make.nodes), outputs)
    classes = ("a", "b", "c")
    model = make.case_of(graph, classes).model
    with pytest.raises(InputError, match=f"^on chip logits must not be read .* but {end} reads"):
        plan(model, Design(Array(1, 1), 0))


def test_too_many_numbers_are_refused(monkeypatch):
    monkeypatch.setattr(planner, "MAX_NUMBERS", 2051)  # three of which are logits
    make = Maker(np.random.default_rng(1))
    conv = make.conv(make.begin("direct", 600, 1), 4, 3)
    make.dense(conv, 3, last=True)
    graph = Graph(
        (SAMPLES,), tuple(make.nodes), (Output(make.nodes[-1].name), Output(conv, "values"))
    )
    text = (
        r"^on chip outputs that are values must be at most 2,048 numbers of a window, which go "
        r"into one frame, not 2,392; "
    )
    with pytest.raises(InputError, match=text):
        plan(make.case_of(graph, ("a", "b", "c")).model, Design(Array(1, 1), 0))


def test_samples_that_two_layers_read(branched):
    nodes = list(branched.graph.nodes)
    twin = dataclasses.replace(nodes[0].op, name="again")
    nodes[2] = Node(nodes[2].op, ("again",))
    graph = Graph(branched.graph.inputs, (Node(twin, (SAMPLES,)), *nodes), branched.graph.outputs)
    two = dataclasses.replace(branched, graph=graph)
    text = r"^on chip one layer must read the samples, not again, first; put one before them$"
    for use in (first_of, source_dsp, lambda model: plan(model, Design(Array(1, 1), 0))):
        with pytest.raises(InputError, match=text):
            use(two)


def test_several_channels_are_no_chain(model):
    with pytest.raises(InputError, match=r"must take one channel to become hardware, not 3; give"):
        ops_of(dataclasses.replace(model, channels=3))
