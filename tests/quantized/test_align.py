"""Steps of values that meet are powers of two apart, whoever made the values."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.calibration import Method, calibrate
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Layer, Network, Node, Output
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.spectrum import Spectrum
from hwgen.network.ops.table import Table
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.align import Alignment
from hwgen.quantized.op import Chosen
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

Nodes = tuple[Layer, tuple[str, ...]]


def network(*nodes: Nodes, channels: int = 1, kind: str = "values") -> Network:
    made = tuple(Node(layer, inputs) for layer, inputs in nodes)
    graph = Graph((SAMPLES,), made, (Output(made[-1].name, kind),))
    return Network("n", 32, graph, channels=channels)


def conv(name: str, channels: int = 1, filters: int = 3, seed: int = 0, **fields) -> Conv1d:
    rng = np.random.default_rng(seed + sum(map(ord, name)))
    weight = rng.normal(size=(filters, channels, 3)) * np.exp(rng.normal(0, 1, (filters, 1, 1)))
    return Conv1d(name, weight, rng.normal(size=filters), 1, 1, **({"relu": False} | fields))


DIRECT = (Direct("d"), (SAMPLES,))


def made(net: Network, rounding: str = "nearest", bits: Precision = Precision()) -> QuantizedModel:  # noqa: B008
    x = np.random.default_rng(1).normal(size=(20, *net.input_shape))
    task = Task(tuple("abc"[: net.logits]), 0.7)
    return calibrate(net, x, bits, task, method=Method("mse", rounding)).model


def octaves(model: QuantizedModel, name: str) -> np.ndarray:
    """Return where steps lie between powers of two."""
    return np.log2(model.graph[name].op.output.scale) % 1


def same(one: np.ndarray, other: np.ndarray) -> bool:
    apart = (one - other) % 1
    return bool((np.minimum(apart, 1 - apart) < 1e-9).all())


THREE = network(DIRECT, (conv("a"), ("d",)), (conv("b"), ("d",)), (conv("c"), ("d",)),
                (Add("add"), ("a", "b", "c")))  # fmt: skip


@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_the_first_is_free_and_the_others_follow(rounding):
    model = made(THREE, rounding)
    alone = made(network(DIRECT, (conv("a"), ("d",))), rounding)
    assert same(octaves(model, "a"), octaves(alone, "a"))
    for name in "bc":
        assert same(octaves(model, name), octaves(model, "a"))
        free = made(network(DIRECT, (conv(name), ("d",))), rounding)
        assert not same(octaves(model, name), octaves(free, name))


def test_rows_that_follow_lose_less_than_a_bit():
    model = made(THREE)
    for name in "bc":
        largest = np.abs(model.graph[name].op.weight).max(axis=(1, 2))
        assert ((largest > 63) & (largest <= 127)).all()


def test_classes_go_through_pooling_and_parts_of_concatenations():
    net = network(
        DIRECT, (conv("a"), ("d",)), (MaxPool1d("m", 2), ("a",)), (AvgPool1d("g", 3, 1, 1), ("m",)),
        (MaxPool1d("half", 2), ("d",)), (conv("e", filters=1), ("half",)),
        (conv("f", filters=2), ("half",)), (Concat("cat"), ("e", "f")), (Add("add"), ("g", "cat")),
    )  # fmt: skip
    model = made(net)
    assert same(octaves(model, "g"), octaves(model, "a") - np.log2(3))
    assert same(octaves(model, "e"), octaves(model, "g")[:1])
    assert same(octaves(model, "f"), octaves(model, "g")[1:])


@pytest.mark.parametrize(
    "first", [Direct("d"), Spectrum("d", 32), Table("t", "tanh")], ids=lambda layer: layer.op
)
def test_what_is_as_it_is_has_its_way(first):
    nodes: list[Nodes] = [(first, (SAMPLES,))]
    if first.name == "t":
        nodes = [DIRECT, (first, ("d",))]
    net = network(*nodes, (conv("a", filters=1), ("d",)), (Add("add"), ("a", nodes[-1][0].name)))
    model = made(net)
    assert same(octaves(model, "a"), octaves(model, nodes[-1][0].name))


def test_what_is_known_later_has_its_way_too():
    net = network(DIRECT, (conv("a"), ("d",)), (conv("b"), ("d",)), (Table("t", "silu"), ("b",)),
                  (Add("add"), ("a", "t")))  # fmt: skip
    model = made(net)
    assert same(octaves(model, "a"), np.zeros(3))
    assert same(octaves(model, "t"), np.zeros(3))


@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_a_table_reads_rows_of_one_step(rounding):
    model = made(network(DIRECT, (conv("a"), ("d",)), (Table("t", "tanh"), ("a",))), rounding)
    steps = model.graph["a"].op.output.scale
    assert (steps == steps[0]).all()
    assert not model.graph["t"].op.down.any()


def test_a_table_reads_parts_powers_of_two_apart():
    quiet = conv("b")
    quiet = Conv1d("b", quiet.weight / 100, quiet.bias / 100, 1, 1, relu=False)
    model = made(network(DIRECT, (conv("a"), ("d",)), (quiet, ("d",)), (Concat("cat"), ("a", "b")),
                         (Table("t", "tanh"), ("cat",))))  # fmt: skip
    assert same(octaves(model, "cat"), np.zeros(6))
    assert model.graph["t"].op.down.tolist()[:3] == [0, 0, 0]
    assert min(model.graph["t"].op.down.tolist()[3:]) > 2


def test_a_table_behind_an_add_makes_all_its_parts_even():
    residual = conv("r", 3, residual=True)
    net = network(DIRECT, (conv("a"), ("d",)), (residual, ("a", "a")), (Table("t", "silu"), ("r",)))
    model = made(net)
    assert same(octaves(model, "r"), np.zeros(3))
    assert same(octaves(model, "a"), np.zeros(3))


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_channels_that_are_mixed_have_one_step(channels):
    model = made(network(DIRECT, (conv("a"), ("d",)), (Reshape("cut", channels), ("a",))))
    steps = model.graph["a"].op.output.scale
    assert (steps == steps[0]).all()
    assert not model.graph["cut"].op.down.any()


def test_channels_that_are_not_mixed_have_their_own_steps():
    model = made(network(DIRECT, (conv("a"), ("d",)), (Reshape("cut", 6), ("a",)),
                         (conv("b", filters=6), ("d",)),
                         (Slice("half", "positions", 0, 16), ("b",)),
                         (Add("sum"), ("cut", "half"))))  # fmt: skip
    steps = model.graph["a"].op.output.scale
    assert len(set(steps.tolist())) == 3
    assert model.graph["cut"].op.output.scale.tolist() == [*steps, *steps]
    assert same(octaves(model, "b"), octaves(model, "cut"))


def test_parts_of_other_steps_come_to_one_when_they_are_mixed():
    quiet = conv("b")
    quiet = Conv1d("b", quiet.weight / 100, quiet.bias / 100, 1, 1, relu=False)
    model = made(network(DIRECT, (conv("a"), ("d",)), (quiet, ("d",)), (Concat("cat"), ("a", "b")),
                         (Reshape("row", 1), ("cat",)),
                         (MaxPool1d("most", 6), ("row",))))  # fmt: skip
    down = model.graph["row"].op.down.tolist()
    assert down[:3] == [0, 0, 0]
    assert min(down[3:]) > 2


def dense(name: str) -> Dense:
    rng = np.random.default_rng(len(name))
    weight = rng.normal(size=(3, 32)) * np.exp(rng.normal(size=(3, 1)))
    return Dense(name, weight, rng.normal(size=3))


@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_logits_that_meet_something_stay_comparable(rounding):
    nodes = (DIRECT, (dense("last"), ("d",)), (dense("other"), ("d",)),
             (Add("sum"), ("last", "other")))  # fmt: skip
    graph = Graph((SAMPLES,), tuple(Node(*each) for each in nodes),
                  (Output("last"), Output("sum", "values")))  # fmt: skip
    net = Network("n", 32, graph)
    model = made(net, rounding)
    steps = model.graph["last"].op.output.scale
    assert (steps == steps[0]).all()
    assert not model.graph["last"].op.align.any()
    x = np.random.default_rng(1).normal(size=(50, 32))
    exact = net.outputs(x * model.input_scale)
    for name, value in zip(exact, golden.outputs(model, digitise(x, model.bits)), strict=True):
        found = value * model.graph[name].op.output.scale
        assert np.abs(found - exact[name]).max() < 0.05 * np.abs(exact[name]).max()


def test_a_function_of_logits_is_refused():
    nodes = (DIRECT, (dense("last"), ("d",)), (Table("soft", "sigmoid"), ("last",)))
    graph = Graph((SAMPLES,), tuple(Node(*each) for each in nodes),
                  (Output("last"), Output("soft", "values")))  # fmt: skip
    with pytest.raises(InputError, match=r"^soft must read values of at most 16 bits, not \d+; "):
        made(Network("n", 32, graph))


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        (
            (DIRECT, (AvgPool1d("g", 3, 1, 1), ("d",)), (Add("add"), ("d", "g"))),
            r"^add needs channels of (g and d|d and g|add and \w+) whose steps are powers of two",
        ),
        (
            (DIRECT, (Table("t", "tanh"), ("d",)), (Add("add"), ("d", "t"))),
            r"^add needs channels of samples and t .* put a convolution of kernel 1 behind",
        ),
        (
            (DIRECT, (conv("a"), ("d",)), (AvgPool1d("g", 3, 1, 1), ("a",)),
             (Concat("cat"), ("a", "g")), (Table("t", "tanh"), ("cat",))),
            r"^t needs channels of cat whose steps are powers of two apart",
        ),
    ],
)  # fmt: skip
def test_steps_that_are_given_and_do_not_fit_are_refused(nodes, says):
    with pytest.raises(InputError, match=says):
        made(network(*nodes))


def test_a_chain_is_told_nothing():
    net = network(DIRECT, (conv("a"), ("d",)), (MaxPool1d("m", 2), ("a",)))
    alignment, chosen = Alignment(net, Precision(), 1.0), Chosen(3)
    assert alignment.told("a", chosen) is chosen
    assert alignment.told("m", chosen) is chosen


def test_values_that_meet_nothing_are_told_nothing():
    net = network(DIRECT, (conv("a"), ("d",)), (conv("b"), ("d",)), (Add("add"), ("a", "b")),
                  (conv("z", 3), ("add",)))  # fmt: skip
    chosen = Chosen()
    assert Alignment(net, Precision(), 1.0).told("z", chosen) is chosen


def test_few_bits_follow_too():
    model = made(THREE, "compensated", Precision(conv_weight=2, activation=3, feature=3))
    assert same(octaves(model, "b"), octaves(model, "a"))


def test_some_channels_of_a_value_follow_others():
    some = (Slice("some", "channels", 1, 2), ("a",))
    last = (Add("add"), ("some", "b"))
    model = made(network(DIRECT, (conv("a", filters=4), ("d",)), some,
                         (conv("b", filters=2), ("d",)), last))  # fmt: skip
    assert same(octaves(model, "a")[1:3], octaves(model, "b"))
    # The other way round: of the one that is told some channels are free.
    made_first = made(network(DIRECT, (conv("b", filters=2), ("d",)),
                              (conv("a", filters=4), ("d",)), some, last))  # fmt: skip
    assert same(octaves(made_first, "a")[1:3], octaves(made_first, "b"))


def test_samples_as_they_are_are_added_to():
    model = made(network(DIRECT, (conv("a", filters=1), ("d",)), (Add("add"), ("a", "d"))))
    assert same(octaves(model, "a"), octaves(model, "d"))
