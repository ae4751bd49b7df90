"""Passes change how a network is written, not what it computes."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from hwgen.calibration import calibrate
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Layer, Network, Node, Output
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.identity import Identity
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.table import Table
from hwgen.passes import canonical
from hwgen.quantized import Precision
from hwgen.signals.task import Task
from tests.graphs import random_graph


def norm(name: str, channels: int, rng: np.random.Generator) -> BatchNorm1d:
    return BatchNorm1d(
        name, *rng.normal(1, 0.5, (3, channels)), rng.uniform(0.5, 2, channels), eps=1e-3
    )


def parted(node: Node[Layer], rng: np.random.Generator) -> list[Node[Layer]]:
    """Return nodes that do what one does, as a trained network has them; the last has its name."""
    layer, reads, nodes = node.op, node.inputs, []
    counter = itertools.count()

    def put(make, *inputs: str) -> str:
        name = f"{node.name}_{next(counter)}"
        nodes.append(Node(make(name), inputs))
        return name

    relu = getattr(layer, "relu", False)
    last = put(Identity, reads[0])
    if layer.tensors():
        plain = {"name": "", "relu": False} | ({"residual": False} if layer.op == "conv1d" else {})
        # Divided by what the normalisation multiplies with.
        folded = norm("", len(layer.bias), rng)
        weight = layer.weight / folded.gain.reshape(-1, *[1] * (layer.weight.ndim - 1))
        bias = (layer.bias - folded.offset) / folded.gain
        bare = dataclasses.replace(layer, weight=weight, bias=bias, **plain)
        last = put(lambda name: dataclasses.replace(bare, name=name), last)
        last = put(lambda name: dataclasses.replace(folded, name=name), last)
        if len(reads) > 1:
            last = put(Add, last, reads[1])
    else:
        kind = dataclasses.replace(layer, relu=False) if relu else layer
        last = put(lambda name: dataclasses.replace(kind, name=name), last, *reads[1:])
    if relu:
        last = put(Relu, last)
    nodes.append(Node(Identity(node.name), (last,)))
    return nodes


def as_trained(network: Network, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    nodes = [part for node in network.graph.nodes for part in parted(node, rng)]
    outputs = network.graph.outputs
    return dataclasses.replace(network, graph=Graph((SAMPLES,), tuple(nodes), outputs))


@pytest.mark.parametrize("seed", range(60))
def test_what_training_leaves_becomes_what_it_means(seed):
    network = random_graph(seed)
    wanted, written = canonical(network), as_trained(network, seed)
    made = canonical(written)
    assert [layer.op for layer in made.layers] == [layer.op for layer in wanted.layers]
    assert len(written.layers) > 2 * len(made.layers)
    x = np.random.default_rng(seed).normal(size=(4, *network.input_shape))
    for exact, found in zip(network.outputs(x).values(), made.outputs(x).values(), strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-9)
    assert canonical(made) is made


def test_networks_of_the_published_kinds_stay_the_objects_that_they_are(make_network):
    for shape in ({}, {"hidden": 5}, {"convs": ()}, {"convs": ((4, 8, 4, 2, 0),)}):
        network = make_network(3, **shape)
        assert canonical(network) is network


def graph(*nodes: tuple[Layer, tuple[str, ...]], outputs: tuple[str, ...] = ()) -> Network:
    made = tuple(Node(layer, inputs) for layer, inputs in nodes)
    ends = tuple(Output(name, "values") for name in outputs or (made[-1].name,))
    return Network("n", 12, Graph((SAMPLES,), made, ends))


def conv(
    name: str, channels: int = 2, filters: int = 2, *, relu: bool = False, taps: int = 3
) -> Conv1d:
    rng = np.random.default_rng(list(name.encode()))
    weight = rng.normal(size=(filters, channels, taps))
    return Conv1d(name, weight, rng.normal(size=filters), 1, taps // 2, relu)


DIRECT = (Direct("direct"), (SAMPLES,))
FIRST = (conv("first", 1), ("direct",))


def ops(network: Network) -> list[str]:
    return [layer.op for layer in canonical(network).layers]


def test_an_add_that_others_need_the_parts_of_stays():
    made = graph(DIRECT, FIRST, (conv("b"), ("first",)), (Add("add"), ("first", "b")),
                 outputs=("add", "b"))  # fmt: skip
    assert ops(made) == ["direct", "conv1d", "conv1d", "add"]


def test_an_add_of_rectified_convolutions_stays():
    made = graph(DIRECT, FIRST, (conv("b", relu=True), ("first",)), (Add("add"), ("first", "b")))
    assert ops(made) == ["direct", "conv1d", "conv1d", "add"]


def test_a_convolution_takes_the_sum_of_all_others_and_one_of_these_takes_the_rest():
    written = graph(DIRECT, FIRST, (conv("b"), ("first",)), (conv("c", taps=5), ("first",)),
                    (Add("add", relu=True), ("first", "b", "c")))  # fmt: skip
    made = canonical(written)
    assert [node.inputs for node in made.graph.nodes[2:]] == [("first", "first"), ("first", "b")]
    assert made.graph["c"].op.relu
    assert not made.graph["b"].op.relu
    same_values(made, written, np.random.default_rng(1).normal(size=(5, 12)))


def test_of_several_others_the_sum_comes_first():
    more = [(Table(name, name), ("first",)) for name in ("tanh", "sigmoid")]
    written = graph(DIRECT, FIRST, (conv("b"), ("first",)), *more,
                    (Add("add"), ("tanh", "b", "sigmoid")))  # fmt: skip
    made = canonical(written)
    assert made.graph["add_others"].inputs == ("tanh", "sigmoid")
    assert made.graph["b"].inputs == ("first", "add_others")
    same_values(made, written, np.random.default_rng(2).normal(size=(5, 12)))


@pytest.mark.parametrize("relu", [False, True])
def test_a_sum_of_convolutions_is_one_of_what_they_read(relu):
    written = graph(DIRECT, FIRST, (Table("tanh", "tanh"), ("first",)), (conv("b"), ("first",)),
                    (conv("c"), ("tanh",)), (Add("add", relu=relu), ("b", "c")))  # fmt: skip
    made = canonical(written)
    assert made.graph["add_inputs"].inputs == ("first", "tanh")
    assert made.graph["add"].inputs == ("add_inputs",)
    assert made.graph["add"].op.weight.shape == (2, 4, 3)
    same_values(made, written, np.random.default_rng(3).normal(size=(5, 12)))


def test_weights_of_what_is_read_twice_are_added():
    written = graph(DIRECT, FIRST, (conv("b"), ("first",)), (conv("c"), ("first",)),
                    (Add("add"), ("b", "c")))  # fmt: skip
    made = canonical(written)
    assert ops(written) == ["direct", "conv1d", "conv1d"]
    same_values(made, written, np.random.default_rng(4).normal(size=(5, 12)))


def test_a_sum_of_dense_layers_is_one():
    rng = np.random.default_rng(5)
    parts = [(Dense(name, rng.normal(size=(3, 24)), rng.normal(size=3)), (read,))
             for name, read in (("b", "first"), ("c", "tanh"))]  # fmt: skip
    written = graph(
        DIRECT, FIRST, (Table("tanh", "tanh"), ("first",)), *parts, (Add("add"), ("b", "c"))
    )
    made = canonical(written)
    assert [layer.op for layer in made.layers][-2:] == ["concat", "dense"]
    same_values(made, written, rng.normal(size=(5, 12)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (conv("b"), conv("c", taps=5)),
        (conv("b"), dataclasses.replace(conv("c"), unit=(1.0, 1.0))),
        (conv("b"), dataclasses.replace(conv("c"), relu=True)),
        (conv("b"), dataclasses.replace(conv("c", 1), groups=2)),
    ],
)
def test_convolutions_that_differ_stay_apart(one, other):
    written = graph(DIRECT, FIRST, (Table("tanh", "tanh"), ("first",)), (one, ("first",)),
                    (other, ("tanh",)), (Add("add"), ("b", "c")))  # fmt: skip
    made = canonical(written)
    assert "concat" not in [layer.op for layer in made.layers]
    same_values(made, written, np.random.default_rng(6).normal(size=(5, 12)))


def test_a_sum_of_sums_is_one_sum():
    parts = [(Table(name, name), ("first",)) for name in ("tanh", "sigmoid", "softsign")]
    written = graph(DIRECT, FIRST, *parts, (Add("one"), ("tanh", "sigmoid")),
                    (Add("add", relu=True), ("softsign", "one")))  # fmt: skip
    made = canonical(written)
    assert made.graph["add"].inputs == ("softsign", "tanh", "sigmoid")
    same_values(made, written, np.random.default_rng(7).normal(size=(5, 12)))
    kept = graph(DIRECT, FIRST, *parts, (Add("one", relu=True), ("tanh", "sigmoid")),
                 (Add("add"), ("softsign", "one")))  # fmt: skip
    assert ops(kept)[-2:] == ["add", "add"]


def test_of_two_convolutions_the_later_takes_the_add():
    made = canonical(
        graph(
            DIRECT,
            FIRST,
            (conv("b"), ("first",)),
            (conv("c", taps=5), ("first",)),
            (Add("add", relu=True), ("c", "b")),
        )
    )
    assert made.graph["c"].inputs == ("first", "b")
    assert made.graph["c"].op.residual
    assert made.graph["c"].op.relu
    assert made.graph.outputs == (Output("c", "values"),)
    assert not made.graph["b"].op.residual


def test_a_value_added_to_itself_stays():
    assert ops(graph(DIRECT, FIRST, (Add("add"), ("first", "first"))))[-1] == "add"


def test_a_relu_behind_a_relu_does_nothing():
    made = graph(DIRECT, (conv("first", 1, relu=True), ("direct",)), (Relu("again"), ("first",)),
                 outputs=("again", "first"))  # fmt: skip
    assert ops(made) == ["direct", "conv1d"]
    assert [output.source for output in canonical(made).graph.outputs] == ["first", "first"]


def same(network: Network, *kinds: str) -> Network:
    """Return the canonical network after a look at its ops and at what it computes."""
    made = canonical(network)
    assert [layer.op for layer in made.layers] == list(kinds)
    x = np.random.default_rng(1).normal(size=(5, 12))
    for one, two in zip(network.outputs(x).values(), made.outputs(x).values(), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-12)
    return made


NORM = norm("n", 2, np.random.default_rng(1))
POOLS = [MaxPool1d("pool", 3), MaxPool1d("pool", 3, 2, 1)]


@pytest.mark.parametrize("outputs", [("r", "first"), ("r",)])
def test_a_relu_that_others_do_not_see_is_looked_up(outputs):
    made = graph(DIRECT, FIRST, (AvgPool1d("pool", 3), ("first",)), (Relu("r"), ("pool",)))
    same(made, "direct", "conv1d", "avgpool1d", "table")
    made = graph(DIRECT, FIRST, (Relu("r"), ("first",)), outputs=outputs)
    same(made, "direct", "conv1d", *["table"] * (len(outputs) > 1))


@pytest.mark.parametrize("pool", POOLS)
def test_a_relu_behind_max_pooling_goes_before_it(pool):
    last = (conv("last", relu=False), ("r",))
    made = same(graph(DIRECT, FIRST, (pool, ("first",)), (Relu("r"), ("pool",)), last),
                "direct", "conv1d", "maxpool1d", "conv1d")  # fmt: skip
    assert made.graph["first"].op.relu
    assert made.graph["last"].inputs == ("pool",)
    made = same(graph(DIRECT, FIRST, (pool, ("first",)), (Relu("r"), ("pool",))),
                "direct", "conv1d", "maxpool1d")  # fmt: skip
    assert made.graph.sources() == ("pool",)


def test_a_relu_behind_a_maximum_over_channels_goes_before_it():
    cut = (Reshape("row", 1), ("first",)), (MaxPool1d("most", 2), ("row",))
    made = same(graph(DIRECT, FIRST, *cut, (Relu("r"), ("most",))),
                "direct", "conv1d", "reshape", "maxpool1d")  # fmt: skip
    assert made.graph["first"].op.relu


def test_a_relu_behind_pooling_that_others_read_stays_there():
    made = graph(DIRECT, FIRST, (POOLS[0], ("first",)), (Relu("r"), ("pool",)),
                 outputs=("r", "pool"))  # fmt: skip
    assert not same(made, "direct", "conv1d", "maxpool1d", "table").graph["first"].op.relu


def test_normalisation_before_a_dense_layer_goes_into_it():
    dense = Dense("d", np.random.default_rng(2).normal(size=(3, 24)), np.ones(3))
    made = graph(DIRECT, (conv("first", 1, relu=True), ("direct",)), (NORM, ("first",)),
                 (dense, ("n",)))  # fmt: skip
    same(made, "direct", "conv1d", "dense")


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_normalisation_before_a_convolution_goes_into_it_without_padding(padding, groups):
    weight = np.random.default_rng(3).normal(size=(4, 2 // groups, 3))
    last = Conv1d("last", weight, np.ones(4), 2, padding, groups=groups)
    made = graph(DIRECT, (conv("first", 1, relu=True), ("direct",)), (NORM, ("first",)),
                 (last, ("n",)))  # fmt: skip
    same(made, "direct", *["conv1d"] * (3 if padding else 2))


def test_normalisation_before_normalisation_is_one():
    rng = np.random.default_rng(0)
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(Reshape("numbers", 6), ("direct",)),
        *(Node(norm(name, 6, rng), (read,)) for name, read in (("a", "numbers"), ("b", "a"))),
        Node(Dense("fc", rng.normal(size=(3, 6)), rng.normal(size=3)), ("b",)),
    )
    network = Network("net", 6, Graph((SAMPLES,), nodes, (Output("fc"),)))
    made = canonical(network)
    assert [layer.op for layer in made.layers] == ["direct", "reshape", "dense"]
    x = rng.normal(size=(4, *network.input_shape))
    np.testing.assert_allclose(made.run(x), network.run(x))


def test_normalisation_of_what_others_read_is_a_convolution_of_one_tap():
    made = graph(DIRECT, FIRST, (NORM, ("first",)), (Relu("r"), ("n",)), outputs=("r", "first"))
    one = same(made, "direct", "conv1d", "conv1d").graph["n"].op
    assert (one.weight.shape, one.groups, one.relu) == ((2, 1, 1), 2, True)


def test_normalisation_behind_a_convolution_with_a_shortcut_is_of_both():
    rng = np.random.default_rng(0)
    added = dataclasses.replace(conv("b"), residual=True)
    made = graph(DIRECT, FIRST, (added, ("first", "first")), (norm("bn", 2, rng), ("b",)))
    same(made, "direct", "conv1d", "conv1d", "conv1d")


SIDE_BY_SIDE = (DIRECT, FIRST, (conv("b", filters=3), ("first",)), (conv("cc"), ("first",)))


def test_what_is_behind_a_concatenation_goes_into_its_parts():
    rng = np.random.default_rng(0)
    made = same(
        graph(
            *SIDE_BY_SIDE,
            (Concat("cat"), ("b", "cc")),
            (norm("bn", 5, rng), ("cat",)),
            (Relu("relu"), ("bn",)),
            (conv("d", 5), ("relu",)),
        ),
        *("direct", "conv1d", "conv1d", "conv1d", "concat", "conv1d"),
    )
    names = ["direct", "first", "b", "cc", "cat", "d"]
    assert [layer.name for layer in made.layers] == names
    assert [made.graph[name].op.rectified for name in names] == [False] * 2 + [True] * 2 + [
        False
    ] * 2


def test_what_is_behind_flat_values_side_by_side_goes_into_them():
    rng = np.random.default_rng(0)
    same(
        graph(
            DIRECT,
            (Dense("b", rng.normal(size=(3, 12)), rng.normal(size=3)), ("direct",)),
            (Dense("cc", rng.normal(size=(2, 12)), rng.normal(size=2)), ("direct",)),
            (Concat("cat"), ("b", "cc")),
            (norm("bn", 5, rng), ("cat",)),
            (Relu("relu"), ("bn",)),
            (Dense("d", rng.normal(size=(2, 5)), rng.normal(size=2)), ("relu",)),
        ),
        *("direct", "dense", "dense", "concat", "dense"),
    )


PARTS = {
    "one of them is read elsewhere": (("b", "first"), ("cat", "relu")),
    "one of them is an output": (("b", "cc"), ("relu", "b")),
    "the whole is an output": (("b", "cc"), ("relu", "cat")),
    "one of them twice": (("b", "b"), ("relu",)),
}


@pytest.mark.parametrize("case", PARTS)
def test_what_is_behind_parts_that_others_read_stays_there(case):
    parts, outputs = PARTS[case]
    used = [node for node in SIDE_BY_SIDE if node[0].name != "cc" or "cc" in parts]
    made = same(
        graph(*used, (Concat("cat"), parts), (Relu("relu"), ("cat",)), outputs=outputs),
        *("direct", *["conv1d"] * (len(used) - 1), "concat", "table"),
    )
    assert not made.graph["b"].op.rectified


def test_what_is_behind_a_part_with_a_relu_of_its_own_stays_there():
    rng = np.random.default_rng(0)
    same(
        graph(
            *SIDE_BY_SIDE[:2],
            (conv("b", relu=True), ("first",)),
            (conv("cc"), ("first",)),
            (Concat("cat"), ("b", "cc")),
            (norm("bn", 4, rng), ("cat",)),
        ),
        *("direct", "conv1d", "conv1d", "conv1d", "concat", "conv1d"),
    )


def test_normalisation_of_what_is_added_to_a_convolution_stays_before_it():
    made = graph(DIRECT, (conv("first", 1, relu=True), ("direct",)), (NORM, ("first",)),
                 (Conv1d("c", np.ones((2, 2, 1)), np.ones(2), 1, 0, relu=False), ("first",)),
                 (Add("add"), ("c", "n")))  # fmt: skip
    same(made, "direct", "conv1d", "conv1d", "conv1d")


@pytest.mark.parametrize(
    ("stride", "begin", "count", "sides"),
    [(1, 0, 12, (4, 0)), (1, 2, 12, (2, 2)), (1, 4, 8, (0, 0)), (2, 1, 6, (2, 2)), (1, 0, 7, None)],
)
def test_what_is_cut_off_behind_a_convolution_is_not_computed(stride, begin, count, sides):
    weight = np.random.default_rng(3).normal(size=(2, 1, 5))
    first = Conv1d("first", weight, np.ones(2), stride, 4, relu=False)
    cut = (Slice("cut", "positions", begin, count), ("first",))
    made = same(graph(DIRECT, (first, ("direct",)), cut, (Relu("r"), ("cut",))),
                "direct", "conv1d", *(["slice", "table"] if sides is None else []))  # fmt: skip
    if sides is not None:
        assert made.graph["first"].op.sides == sides
        assert made.graph["first"].op.relu


def test_what_others_read_is_computed():
    cut = (Slice("cut", "positions", 0, 8), ("first",))
    same(graph(DIRECT, FIRST, cut, outputs=("cut", "first")), "direct", "conv1d", "slice")
    some = (Slice("some", "channels", 0, 1), ("first",))
    same(graph(DIRECT, FIRST, some), "direct", "conv1d", "slice")


def test_normalisation_of_flat_rectified_values_is_refused_in_words():
    dense = Dense("d", np.ones((2, 24)), np.zeros(2), relu=True)
    with pytest.raises(InputError, match=r"^n \(batchnorm1d\) must follow a convolution or a"):
        canonical(graph(DIRECT, FIRST, (dense, ("first",)), (NORM, ("d",))))


def test_nothing_but_dropout_is_refused():
    with pytest.raises(InputError, match=r"^drop \(identity\) must not be all"):
        canonical(graph((Identity("drop"), (SAMPLES,))))


def test_calibration_refuses_what_has_no_integer_form():
    dense = Dense("last", np.ones((2, 12)), np.zeros(2))
    network = Network.chain("n", 12, (Identity("drop"), dense))
    task = Task(("a", "b"))
    with pytest.raises(InputError, match=r"^drop \(identity\)"):
        calibrate(network, np.ones((2, 12)), Precision(), task)
    assert (
        calibrate(canonical(network), np.ones((2, 12)), Precision(), task).model.ops[0].op
        == "dense"
    )


def same_values(made: Network, written: Network, x) -> None:
    for exact, found in zip(written.outputs(x).values(), made.outputs(x).values(), strict=True):
        np.testing.assert_allclose(found, exact)


def test_a_product_of_two_convolutions_is_one_layer():
    made = canonical(
        graph(DIRECT, FIRST, (conv("r"), ("first",)), (conv("g2"), ("first",)),
              (Multiply("q"), ("r", "g2")), (conv("last"), ("q",)))
    )  # fmt: skip
    assert [layer.op for layer in made.layers] == ["direct", "conv1d", "bilinear1d", "conv1d"]
    assert (made.graph["q"].op.weight_r == conv("r").weight).all()
    assert (made.graph["q"].op.bias_g == conv("g2").bias).all()
    assert made.graph["q"].inputs == ("first",)


def test_a_product_of_two_dense_layers_is_one_layer():
    rng = np.random.default_rng(3)
    written = graph(
        DIRECT, FIRST, *((Dense(name, rng.normal(size=(3, 24)), rng.normal(size=3)), ("first",))
                         for name in "rg"),
        (Multiply("q"), ("r", "g")), (Dense("last", rng.normal(size=(2, 3)), np.zeros(2)), ("q",)),
    )  # fmt: skip
    made = canonical(written)
    assert [layer.op for layer in made.layers] == ["direct", "conv1d", "bilinear1d", "dense"]
    x = rng.normal(size=(5, 12))
    same_values(made, written, x)


NOT_ALIKE = {
    "a ReLU": conv("g2", relu=True),
    "another stride": dataclasses.replace(conv("g2"), stride=2),
    "other padding": dataclasses.replace(conv("g2"), padding=0, padding_right=2),
    "groups": Conv1d("g2", np.ones((2, 1, 3)), np.ones(2), 1, 1, relu=False, groups=2),
    "weights as trained": dataclasses.replace(conv("g2"), unit=(1.0, 1.0)),
}


@pytest.mark.parametrize("other", NOT_ALIKE.values(), ids=NOT_ALIKE)
def test_convolutions_that_are_not_alike_stay(other):
    if other.stride == 2:
        other = dataclasses.replace(other, padding=6, padding_right=7)
    made = graph(DIRECT, FIRST, (conv("r"), ("first",)), (other, ("first",)),
                 (Multiply("q"), ("r", "g2")))  # fmt: skip
    assert "bilinear1d" not in ops(made)


def test_a_factor_that_others_read_stays():
    made = graph(DIRECT, FIRST, (conv("r"), ("first",)), (conv("g2"), ("first",)),
                 (Multiply("q"), ("r", "g2")), outputs=("q", "r"))  # fmt: skip
    assert ops(made) == ["direct", "conv1d", "conv1d", "conv1d", "multiply"]
    square = graph(DIRECT, FIRST, (conv("r"), ("first",)), (Multiply("q"), ("r", "r")))
    assert ops(square) == ["direct", "conv1d", "conv1d", "multiply"]


def test_normalisation_behind_quadratic_neurons_goes_into_them():
    rng = np.random.default_rng(4)
    written = graph(
        DIRECT, FIRST, (conv("r"), ("first",)), (conv("g2"), ("first",)),
        (Multiply("q"), ("r", "g2")), (Multiply("square"), ("first", "first")),
        (conv("b"), ("square",)), (Add("add"), ("q", "b")), (norm("norm", 2, rng), ("add",)),
        (Relu("relu"), ("norm",)),
    )  # fmt: skip
    made = canonical(written)
    kinds = [layer.op for layer in made.layers]
    assert kinds == ["direct", "conv1d", "bilinear1d", "multiply", "conv1d"]
    assert made.layers[-1].relu
    assert made.layers[-1].residual
    x = rng.normal(size=(5, 12))
    same_values(made, written, x)


def test_normalisation_behind_a_sum_of_three_goes_into_them():
    rng = np.random.default_rng(5)
    written = graph(
        DIRECT, FIRST, (conv("b"), ("first",)), (conv("c", taps=5), ("first",)),
        (conv("d", taps=7), ("first",)),
        (Add("add"), ("b", "c", "d")), (norm("norm", 2, rng), ("add",)),
    )  # fmt: skip
    made = canonical(written)
    assert [layer.op for layer in made.layers] == ["direct", *["conv1d"] * 4]
    x = rng.normal(size=(5, 12))
    same_values(made, written, x)


@pytest.mark.parametrize(
    ("add", "reads"),
    [(Add("add", relu=True), ("b", "c")), (Add("add"), ("b", "first")), (Add("add"), ("b", "b"))],
)
def test_normalisation_behind_other_sums_stays_there(add, reads):
    rng = np.random.default_rng(6)
    parts = ((conv(name), ("first",)) for name in dict.fromkeys(reads) if name != "first")
    written = graph(DIRECT, FIRST, *parts, (add, reads), (norm("norm", 2, rng), ("add",)),
                    outputs=("norm", "first"))  # fmt: skip
    made = canonical(written)
    x = rng.normal(size=(5, 12))
    same_values(made, written, x)
    assert made.graph["norm"].op.op == "conv1d"


def test_powers_of_what_others_read_are_products_each_of_which_is_there_once():
    powers = [(Table(f"x{k}", name), ("first",))
              for k, name in ((5, "power5"), (2, "square"), (4, "power4"))]  # fmt: skip
    sums = [(conv(f"s{k}"), (f"x{k}",)) for k in (2, 4, 5)]
    written = graph(DIRECT, FIRST, *powers, *sums, outputs=("s2", "s4", "s5", "first"))
    made = canonical(written)
    products = {node.name: node.inputs for node in made.graph.nodes[2:]}
    assert products == {
        "first_power2": ("first", "first"),
        "first_power3": ("first", "first_power2"),
        "x5": ("first_power2", "first_power3"),
        "x4": ("first_power2", "first_power2"),
        "s2": ("first_power2",),
        "s4": ("x4",),
        "s5": ("x5",),
    }
    same_values(made, written, np.random.default_rng(8).normal(size=(5, 12)))


def test_normalisation_behind_a_product_of_three_goes_into_one_factor():
    rng = np.random.default_rng(9)
    written = graph(
        DIRECT, FIRST, *((conv(name), ("first",)) for name in "bcde"),
        (Multiply("bc"), ("b", "c")), (Multiply("bcd"), ("bc", "d")),
        (Add("add"), ("bcd", "e")), (norm("norm", 2, rng), ("add",)),
    )  # fmt: skip
    made = canonical(written)
    kinds = ["direct", "conv1d", "conv1d", "bilinear1d", "multiply", "conv1d"]
    assert sorted(layer.op for layer in made.layers) == sorted(kinds)
    same_values(made, written, rng.normal(size=(5, 12)))


def test_a_product_of_three_that_is_nothing_is_no_part_of_a_sum_either():
    zero = dataclasses.replace(conv("z"), weight=np.zeros((2, 2, 3)), bias=np.zeros(2))
    written = graph(
        DIRECT, FIRST, (conv("r"), ("first",)), (conv("g"), ("first",)), (zero, ("first",)),
        (Multiply("rg"), ("r", "g")), (Multiply("q"), ("rg", "z")), (conv("b"), ("first",)),
        (Add("add"), ("q", "b")), outputs=("add",),
    )  # fmt: skip
    made = canonical(written)
    assert [layer.op for layer in made.layers] == ["direct", "conv1d", "conv1d"]
    same_values(made, written, np.random.default_rng(3).normal(size=(5, 12)))


@pytest.mark.parametrize("others", [("b",), ("b", "tanh")])
def test_a_product_that_is_nothing_is_no_part_of_a_sum(others):
    zero = dataclasses.replace(conv("g"), weight=np.zeros((2, 2, 3)), bias=np.zeros(2))
    written = graph(
        DIRECT, FIRST, (conv("r"), ("first",)), (zero, ("first",)), (Multiply("q"), ("r", "g")),
        (conv("b"), ("first",)), *[(Table("tanh", "tanh"), ("first",))] * (len(others) > 1),
        (Add("add"), ("q", *others)),
    )  # fmt: skip
    made = canonical(written)
    assert "bilinear1d" not in [layer.op for layer in made.layers]
    same_values(made, written, np.random.default_rng(3).normal(size=(5, 12)))


def test_normalisation_behind_a_square_of_a_sum_is_not_squared():
    rng = np.random.default_rng(9)
    written = graph(
        DIRECT, FIRST, (conv("r"), ("first",)), (conv("b"), ("first",)),
        (Multiply("rr"), ("r", "r")), (Add("add"), ("rr", "b")), (norm("norm", 2, rng), ("add",)),
    )  # fmt: skip
    same_values(canonical(written), written, rng.normal(size=(5, 12)))


def test_a_sum_that_is_added_to_itself_stays_a_sum():
    parts = [(Table(name, name), ("first",)) for name in ("tanh", "sigmoid")]
    written = graph(DIRECT, FIRST, *parts, (Add("one"), ("tanh", "sigmoid")),
                    (Add("add"), ("one", "one")))  # fmt: skip
    same_values(canonical(written), written, np.random.default_rng(7).normal(size=(5, 12)))


def test_a_square_of_what_others_read_is_a_product():
    square = (Table("square", "square"), ("first",))
    made = canonical(graph(DIRECT, FIRST, square, outputs=("square", "first")))
    assert made.graph["square"].inputs == ("first", "first")
    assert ops(graph(DIRECT, FIRST, square)) == ["direct", "conv1d", "table"]


def test_what_follows_a_transposed_convolution_costs_no_step():
    """A batch normalisation and a ReLU behind a reshape go before it, into the convolution."""
    rng = np.random.default_rng(3)
    bn = BatchNorm1d("bn", *rng.uniform(0.5, 2, (4, 3)))
    conv = Conv1d("conv", rng.normal(size=(12, 2, 3)), rng.normal(size=12), 1, 1, relu=False)
    end = Conv1d("end", rng.normal(size=(2, 3, 3)), rng.normal(size=2), 1, 1, relu=False)
    layers = (Direct("x"), conv, Reshape("cut", 3), bn, Relu("relu"), end)
    network = Network("n", 10, Graph.chain(SAMPLES, layers, "values"), channels=2)
    made = canonical(network)
    assert [layer.op for layer in made.layers] == ["direct", "conv1d", "reshape", "conv1d"]
    x = rng.normal(size=(3, 2, 10))
    np.testing.assert_allclose(made.outputs(x)["end"], network.outputs(x)["end"], rtol=1e-9)


@pytest.mark.parametrize(("channels", "cut"), [(4, 8), (6, 4)])
def test_a_batch_normalisation_stays_behind_other_reshapes(channels, cut):
    rng = np.random.default_rng(3)
    bn = BatchNorm1d("bn", *rng.uniform(0.5, 2, (4, cut)))
    layers = (Direct("x"), Reshape("cut", cut), bn, Relu("relu"))
    network = Network("n", 16, Graph.chain(SAMPLES, layers, "values"), channels=channels)
    made = canonical(network)
    x = rng.normal(size=(3, channels, 16))
    (found,), (wanted,) = (each.outputs(x).values() for each in (made, network))
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
