"""What becomes hardware: a chain from one channel of samples to a class."""

from __future__ import annotations

import dataclasses

import pytest
from hwgen.plans.step import Array

from hwgen.errors import InputError
from hwgen.network.graph import Graph, Output
from hwgen.plans import arrays
from hwgen.plans.chain import first_of, layers_of, ops_of
from hwgen.plans.design import Design
from hwgen.plans.planner import plan, source_dsp


@pytest.fixture(scope="module")
def model(make_example):
    return make_example(1, window=64, convs=((2, 8, 4, 2, 2),), hidden=6, classes=3).model


def test_a_chain_is_a_source_and_layers(model):
    assert ops_of(model) == model.ops
    assert (first_of(model), *layers_of(model)) == model.ops


def test_another_output_is_refused(model):
    outputs = (*model.graph.outputs, Output("fc1", "values"))
    branched = dataclasses.replace(
        model, graph=Graph(model.graph.inputs, model.graph.nodes, outputs)
    )
    for use in (
        lambda: plan(branched, Design(Array(1, 1), 0)),
        lambda: source_dsp(branched),
        lambda: arrays.best_array(branched, 1),
    ):
        with pytest.raises(InputError, match=r"must be a chain of ops whose end is a class to be"):
            use()


def test_several_channels_are_refused(model):
    with pytest.raises(InputError, match=r"must take one channel to become hardware, not 3; give"):
        ops_of(dataclasses.replace(model, channels=3))
