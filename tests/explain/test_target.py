"""What is explained of networks with and without classes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.explain.gradients import gradients
from hwgen.explain.target import seeds, target_of
from hwgen.network import SAMPLES, Graph, Network, Node, Output, anomaly
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct


def network(kind, outputs=4):
    rng = np.random.default_rng(2)
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(Dense("last", rng.normal(size=(outputs, 4)), rng.normal(size=outputs)), ("direct",)),
    )
    return Network("n", 4, Graph((SAMPLES,), nodes, (Output("last", kind),)))


X = np.array([[1.0, -2.0, 0.5, 3.0]])


def test_a_class_by_name_or_what_the_network_says():
    made = dataclasses.replace(network("class"), classes=("a", "b", "c", "d"))
    values = made.activations(X)
    said = target_of(made, values, None)
    assert said.index == values["last"][0].argmax()
    assert target_of(made, values, "b").index == 1
    with pytest.raises(UsageError, match="--class must be one of a, b, c, d, not 'e'"):
        target_of(made, values, "e")
    assert target_of(network("class"), values, "class 3").index == 3


def test_without_a_class_it_is_the_largest_number():
    made = network("values", 3)
    values = made.activations(X)
    found = target_of(made, values, None)
    assert found.index == np.abs(values["last"][0]).argmax()
    assert found.name == f"number {found.index} of last"
    assert seeds(found, values)["last"].sum() == 1
    with pytest.raises(UsageError, match="n has no output that is a class; leave --class out"):
        target_of(made, values, "a")


def test_an_autoencoder_is_explained_by_its_squared_distance_from_the_samples():
    made = network("values")
    values = made.activations(X)
    target = target_of(made, values, None)
    assert target.index is None
    found = gradients(made, values, seeds(target, values))[SAMPLES]

    def distance(x):
        return float(np.square(made.outputs(x)["last"] - x).sum())

    step = 1e-6 * np.eye(4)
    wanted = [(distance(X + each) - distance(X - each)) / 2e-6 for each in step]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-6)


def test_a_score_is_what_is_explained_whatever_the_network_says():
    plain = network("values")
    graph = anomaly.scored(plain.graph, "last", plain.graph.nodes[0].name, plain.shapes())
    made = dataclasses.replace(plain, graph=graph, classes=anomaly.CLASSES)
    values = made.activations(X)
    for asked in (None, "normal", "anomaly"):
        target = target_of(made, values, asked)
        assert (target.index, target.name) == (1, "anomaly score")
    found = gradients(made, values, seeds(target, values))[SAMPLES]
    step = 1e-6 * np.eye(4)
    wanted = [(made.run(X + each)[0, 1] - made.run(X - each)[0, 1]) / 2e-6 for each in step]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-6)
