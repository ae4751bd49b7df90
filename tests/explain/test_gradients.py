"""Derivatives: every op against finite differences, whole networks, and ops that have none."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.explain.gradients import gradients
from hwgen.explain.ops import table
from hwgen.network import SAMPLES, Graph, Layer, Network, Node, Output
from hwgen.network.functions import FUNCTIONS
from hwgen.network.grid import Grid
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.quantizer import Quantizer
from hwgen.quantized.op import room
from tests.graphs import random_graph
from tests.ops.test_every_op import EXAMPLES, OPS

STEP = 1e-6


def of_one(layer: Layer, xs: list[np.ndarray], g: np.ndarray) -> list[np.ndarray]:
    """Return derivatives of ``sum(g * value)`` by what one layer reads, by the whole way back."""
    inputs = tuple(f"in{number}" for number in range(len(xs)))

    alone = SimpleNamespace(graph=Graph(inputs, (Node(layer, inputs),), (Output(layer.name),)))
    values = dict(zip(inputs, xs, strict=True)) | {layer.name: layer.value(*xs)}
    found = gradients(alone, values, {layer.name: g})
    return [found[name] for name in inputs]


def differences(value, x: np.ndarray) -> np.ndarray:
    """Return central differences of a number by every element of `x`, in place."""
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + STEP
        above = value()
        x[place] = kept - STEP
        found[place] = (above - value()) / (2 * STEP)
        x[place] = kept
    return found


@pytest.mark.parametrize(("example", "tests"), EXAMPLES)
def test_every_op_against_finite_differences(example, tests):
    del tests
    layer = example.layer
    if layer.grid is not None and layer.op != "quantizer":
        layer = dataclasses.replace(layer, grid=None)
    rng = np.random.default_rng(4)
    xs = [rng.normal(size=(2, *shape)) for shape in example.shapes]
    g = rng.normal(size=layer.apply(*xs).shape)
    if layer.op == "quantizer":  # its grid is looked at below
        found = list(room("hwgen.explain.ops", layer.op).back(layer, xs, layer.apply(*xs), g))
    else:
        found = of_one(layer, xs, g)
    for x, one in zip(xs, found, strict=True):
        wanted = differences(lambda: float((g * layer.apply(*xs)).sum()), x)
        np.testing.assert_allclose(one, wanted, rtol=2e-5, atol=2e-6)


def test_every_op_there_is_has_a_derivative():
    assert all(callable(room("hwgen.explain.ops", op).back) for op in OPS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_slopes_of_functions(function):
    x = np.linspace(-7.03, 7.04, 201)
    for slope in (0.01, 1.3):
        above, below = (FUNCTIONS[function](x + sign * STEP, slope) for sign in (1, -1))
        wanted = (above - below) / (2 * STEP)
        np.testing.assert_allclose(table.SLOPES[function](x, slope), wanted, atol=1e-6)
    assert table.SLOPES.keys() == FUNCTIONS.keys()


def test_a_rounding_has_the_gradient_of_none_and_its_ends_have_none():
    layer = Quantizer("q", grid=Grid((0.5,), -2, 3))
    x = np.array([[-2.0, -0.9, 0.2, 1.4, 1.6]])
    (found,) = of_one(layer, [x], np.full(x.shape, 3.0))
    np.testing.assert_array_equal(found, [[0, 3, 3, 3, 0]])


def test_the_same_value_read_twice_counts_twice():
    x = np.array([[[1.0, -2.0, 3.0]]])
    graph = Graph(("in",), (Node(Multiply("square"), ("in", "in")),), (Output("square"),))
    values = {"in": x, "square": x * x}

    found = gradients(SimpleNamespace(graph=graph), values, {"square": np.ones(x.shape)})
    np.testing.assert_array_equal(found["in"], 2 * x)


@pytest.mark.parametrize("name", ["graph", "spectrum"])
def test_of_whole_networks_against_finite_differences(name, make_network):
    if name == "graph":
        network = random_graph(3)
    else:
        network = make_network(5, window=32, convs=((3, 5, 2, 1, 2),))
    rng = np.random.default_rng(7)
    x = rng.normal(size=(1, *network.input_shape))
    values = network.activations(x)
    source = network.graph.judged()[0]
    g = rng.normal(size=values[source].shape)
    found = gradients(network, values, {source: g})[SAMPLES]

    def value() -> float:
        return float((g * network.outputs(x, (source,))[source]).sum())

    np.testing.assert_allclose(found, differences(value, x), rtol=1e-4, atol=1e-5)


def test_an_op_without_a_derivative_is_named():
    @dataclasses.dataclass(frozen=True)
    class Strange(Direct):
        op = "strange"

    x = np.ones((1, 4))
    with pytest.raises(InputError, match=r"no derivative goes through odd: op 'strange' has no"):
        of_one(Strange("odd"), [x], np.ones((1, 1, 4)))


def test_nodes_without_a_say_have_no_derivative(make_network):
    network: Network = make_network(5, window=32)
    values = network.activations(np.ones((1, 32)))
    found = gradients(network, values, {"conv1": np.ones(values["conv1"].shape)})
    assert set(found) == {SAMPLES, "spectrum", "conv1"}
