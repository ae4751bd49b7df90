"""Attention of quadratic neurons, against plain loops, however a graph spells them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen.explain.attention import layer_attention, overlap_mean, quadratic_layers, raw
from hwgen.network import SAMPLES, Graph, Network, Node, Output, polynomial
from hwgen.network.ops.add import Add
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.table import Table
from hwgen.network.polynomial import Sums, Terms
from hwgen.passes import canonical


def tensors(rng, *shape):
    weights = {f"weight_{part}": rng.normal(size=shape) for part in "rgb"}
    return weights | {f"bias_{part}": rng.normal(size=shape[0]) for part in "rgb"}


def convolution(name, source, of, *, stride, padding):
    """Return a quadratic convolution as passes leave it, but for the add."""
    factors = Bilinear1d(
        f"{name}_product", of["weight_r"], of["bias_r"], of["weight_g"], of["bias_g"],
        stride, padding,
    )  # fmt: skip
    squares = Conv1d(
        f"{name}_squares", of["weight_b"], of["bias_b"], stride, padding, relu=False
    )  # fmt: skip
    return spelt(name, source, factors, squares)


def dense(name, source, of, shape):
    """Return a quadratic dense layer."""
    one, other = (of[f"weight_{part}"].reshape(-1, *shape) for part in "rg")
    factors = Bilinear1d(
        f"{name}_product", one, of["bias_r"], other, of["bias_g"], 1, 0, flat=True
    )  # fmt: skip
    return spelt(name, source, factors, Dense(f"{name}_squares", of["weight_b"], of["bias_b"]))


def spelt(name, source, factors, squares):
    square = f"{name}_square"
    return (
        Node(factors, (source,)),
        Node(Multiply(square), (source, source)),
        Node(squares, (square,)),
        Node(Add(name), (factors.name, squares.name)),
    )


def network(seed=0, samples=40):
    """Return two quadratic convolutions and a quadratic dense layer."""
    rng = np.random.default_rng(seed)
    first, second = tensors(rng, 3, 1, 6), tensors(rng, 2, 3, 3)
    nodes = [Node(Direct("direct"), (SAMPLES,))]
    nodes += convolution("a", "direct", first, stride=2, padding=2)
    nodes += [Node(Relu("relu"), ("a",))]
    nodes += convolution("b", "relu", second, stride=1, padding=1)
    length = (samples + 4 - 6) // 2 + 1
    last = tensors(rng, 4, 2 * length)
    nodes += dense("c", "b", last, (2, length))
    graph = Graph((SAMPLES,), tuple(nodes), (Output("c"),))
    return Network("q", samples, graph), (first, second, last)


def by_loops(x, of, stride, padding):
    """Return RawQtt by its definition, and each place's mean over the windows that cover it."""
    filters, channels, kernel = of["weight_r"].shape
    padded = np.pad(x, ((0, 0), (padding, padding)))
    positions = (padded.shape[1] - kernel) // stride + 1
    found = np.zeros((filters, *x.shape))
    for f in range(filters):
        covering = [[[] for _ in range(padded.shape[1])] for _ in range(channels)]
        for p in range(positions):
            field = padded[:, p * stride : p * stride + kernel]
            answer = sum(
                field[c, k] * of["weight_r"][f, c, k]
                for c in range(channels)
                for k in range(kernel)
            )
            for c in range(channels):
                for k in range(kernel):
                    value = field[c, k] * of["weight_b"][f, c, k]
                    value += of["weight_g"][f, c, k] * answer
                    covering[c][p * stride + k].append(value)
        means = [[np.mean(each) if each else 0.0 for each in row] for row in covering]
        found[f] = np.array(means)[:, padding : padding + x.shape[1]]
    return found


@pytest.mark.parametrize(
    ("stride", "padding", "kernel"), [(1, 1, 3), (2, 2, 6), (8, 28, 64), (5, 0, 3)]
)
def test_the_mean_of_overlapping_windows_is_that_of_loops(stride, padding, kernel):
    rng = np.random.default_rng(kernel)
    of = tensors(rng, 2, 3, kernel)
    x = rng.normal(size=(3, 50))
    nodes = [Node(Direct("direct"), (SAMPLES,))]
    nodes += convolution("a", "direct", of, stride=stride, padding=padding)
    made = Network(
        "q", 50, Graph((SAMPLES,), tuple(nodes), (Output("a", "values"),)), channels=3
    )  # fmt: skip
    (layer,) = quadratic_layers(made)
    wanted = by_loops(x, of, stride, padding)
    maps, attention = layer_attention(layer, x)
    np.testing.assert_allclose(maps, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(attention, np.abs(np.gradient(wanted, axis=2)), atol=1e-12)


def test_the_attention_and_the_bias_make_the_neuron():
    made, (of, *_) = network()
    x = np.random.default_rng(3).normal(size=(1, 40))
    values = made.activations(x)
    layer = quadratic_layers(made)[0]
    padded = np.pad(x, ((0, 0), (2, 2)))
    fields = np.lib.stride_tricks.sliding_window_view(padded, 6, axis=1)[:, ::2]
    for f, windows in enumerate(raw(layer, values["direct"][0])):
        bias = of["weight_g"][f] * of["bias_r"][f] + of["weight_r"][f] * of["bias_g"][f]
        neuron = (fields * (windows + bias[:, None])).sum(axis=(0, 2))
        neuron += of["bias_r"][f] * of["bias_g"][f] + of["bias_b"][f]
        np.testing.assert_allclose(neuron, values["a"][0, f], rtol=1e-10)


def test_all_channels_and_filters_count():
    made, _ = network()
    layer = quadratic_layers(made)[1]
    x = np.random.default_rng(4).normal(size=(3, 20))
    maps, _ = layer_attention(layer, x)
    assert maps.shape == (2, 3, 20)
    for channel in range(3):
        other = x.copy()
        other[channel] += 1.0
        changed, _ = layer_attention(layer, other)
        assert (np.abs(changed - maps).max(axis=(1, 2)) > 1e-3).all()


def test_every_layer_sees_the_window_at_hand():
    made, _ = network()
    rng = np.random.default_rng(5)
    values = made.activations(rng.normal(size=(2, 40)))
    for layer in quadratic_layers(made):
        first, second = (layer_attention(layer, x)[1] for x in values[layer.source])
        assert np.abs(first - second).max() > 1e-3
    # Behind the ReLU, not before it.
    assert quadratic_layers(made)[1].source == "relu"


def test_a_dense_layer_has_a_map_without_overlap():
    made, (*_, of) = network()
    layer = quadratic_layers(made)[2]
    x = np.random.default_rng(6).normal(size=(2, 20))
    maps, _ = layer_attention(layer, x)
    flat = x.reshape(-1)
    for f in range(4):
        wanted = flat * of["weight_b"].reshape(4, -1)[f]
        wanted = wanted + of["weight_g"].reshape(4, -1)[f] * (
            flat @ of["weight_r"].reshape(4, -1)[f]
        )
        np.testing.assert_allclose(maps[f], wanted.reshape(2, 20), rtol=1e-10)


def test_a_dense_layer_of_flat_numbers_is_one_channel():
    rng = np.random.default_rng(7)
    of = tensors(rng, 3, 5)
    first = Dense("first", rng.normal(size=(5, 8)), np.zeros(5))
    nodes = [Node(Direct("direct"), (SAMPLES,)), Node(first, ("direct",))]
    nodes += dense("c", "first", of, (5, 1))
    made = Network("q", 8, Graph((SAMPLES,), tuple(nodes), (Output("c"),)))
    (layer,) = quadratic_layers(made)
    x = rng.normal(size=5)
    maps, attention = layer_attention(layer, x)
    wanted = x * of["weight_b"] + of["weight_g"] * (of["weight_r"] @ x)[:, None]
    np.testing.assert_allclose(maps[:, 0], wanted, rtol=1e-12)
    assert attention.shape == (3, 1, 5)


def spelled_out(square):
    """Return a quadratic neuron as a file may have it."""
    rng = np.random.default_rng(8)
    of = tensors(rng, 2, 1, 3)
    r, g, b = (
        Conv1d(name, of[f"weight_{name}"], of[f"bias_{name}"], 1, 1, relu=False) for name in "rgb"
    )
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(r, ("direct",)),
        Node(g, ("direct",)),
        Node(Multiply("product"), ("r", "g")),
        Node(square, ("direct",) if isinstance(square, Table) else ("direct", "direct")),
        Node(b, (square.name,)),
        Node(Add("sum", relu=True), ("b", "product")),
        Node(Dense("last", rng.normal(size=(2, 32)), np.zeros(2)), ("sum",)),
    )
    return Network("file", 16, Graph((SAMPLES,), nodes, (Output("last"),))), of


@pytest.mark.parametrize(
    "square", [Table("square", "square"), Multiply("square")], ids=["Pow", "Mul"]
)
def test_it_is_found_however_a_file_spells_it(square):
    made, of = spelled_out(square)
    (layer,) = quadratic_layers(canonical(made))
    np.testing.assert_array_equal(layer.weight_b, of["weight_b"])
    np.testing.assert_array_equal(layer.product.weight_r, of["weight_r"])
    assert layer.source == "direct"
    assert not quadratic_layers(made)


def test_a_product_without_squares_has_none_and_other_sums_are_no_squares():
    made, _ = network()
    nodes = [node for node in made.graph.nodes if node.name in ("direct", "a_product")]
    alone = Network("p", 40, Graph((SAMPLES,), tuple(nodes), (Output("a_product", "values"),)))
    (layer,) = quadratic_layers(alone)
    assert (layer.name, layer.label) == ("a_product", "a")
    assert not layer.weight_b.any()
    # Of the value itself, not of its square.
    changed = [
        dataclasses.replace(node, inputs=("direct",)) if node.name == "a_squares" else node
        for node in made.graph.nodes
        if node.name != "a_square"
    ]
    graph = dataclasses.replace(made.graph, nodes=tuple(changed))
    assert not quadratic_layers(Network("p", 40, graph))[0].weight_b.any()


def test_a_place_that_no_window_covers_is_zero():
    made, _ = network()
    layer = quadratic_layers(made)[0]
    windows = np.ones((1, 2, 6))
    assert overlap_mean(layer, windows, 20)[0].tolist() == [1.0] * 6 + [0.0] * 14


@pytest.mark.parametrize("flat", [False, True])
def test_squares_among_other_powers_count(flat):
    rng = np.random.default_rng(4)
    shape = (3, 40) if flat else (3, 1, 5)
    of = tensors(rng, *shape)
    factors = [(of[f"weight_{part}"], of[f"bias_{part}"]) for part in "rg"]
    powers = {1: rng.normal(size=shape), 2: of["weight_b"], 3: rng.normal(size=shape)}
    sums = Sums(None if flat else (1, 2, 1, None))
    nodes = [Node(Direct("direct"), (SAMPLES,))]
    nodes += polynomial.layer("a", "direct", Terms(powers, {2: factors}, of["bias_b"]), sums)
    graph = Graph((SAMPLES,), tuple(nodes), (Output("a", "values"),))
    (found,) = quadratic_layers(canonical(Network("p", 40, graph)))
    np.testing.assert_array_equal(found.weight_b, of["weight_b"].reshape(found.weight_b.shape))
