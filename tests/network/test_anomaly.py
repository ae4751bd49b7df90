"""Autoencoders with a score: what they say is the squared error of what they make."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Layer, Network, Node, Output, anomaly
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.score import Score
from hwgen.network.ops.table import Table
from hwgen.passes import canonical

RNG = np.random.default_rng(5)


def _dense(name: str, outputs: int, inputs: int) -> Dense:
    return Dense(name, RNG.normal(size=(outputs, inputs)) / 4, RNG.normal(size=outputs))


def _conv(name: str, filters: int, channels: int) -> Conv1d:
    weight = RNG.normal(size=(filters, channels, 5)) / 3
    return Conv1d(name, weight, RNG.normal(size=filters), 1, 2, relu=False)


def _norm(channels: int) -> BatchNorm1d:
    return BatchNorm1d("bn", *RNG.uniform(0.5, 2, size=(4, channels)))


ENDS: dict[str, tuple[int, tuple[Layer, ...]]] = {
    "dense": (1, (_dense("enc", 6, 32), Relu("relu"), _dense("dec", 32, 6))),
    "sigmoid": (1, (_dense("enc", 6, 32), _dense("dec", 32, 6), Table("sig", "sigmoid"))),
    "dense of channels": (1, (_conv("enc", 3, 1), _dense("dec", 32, 96))),
    "conv": (1, (_conv("enc", 3, 1), Relu("relu"), _conv("dec", 1, 3))),
    "conv, norm": (2, (_conv("enc", 3, 2), _conv("dec", 2, 3), _norm(2))),
    "conv, sigmoid": (2, (_conv("enc", 3, 2), _conv("dec", 2, 3), Table("sig", "sigmoid"))),
    "relu": (2, (_conv("enc", 3, 2), _conv("dec", 2, 3), Relu("relu"))),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_score_is_the_squared_error(end: str) -> None:
    channels, layers = ENDS[end]
    plain = Network(
        "ae", 32, Graph.chain(SAMPLES, (Direct("x"), *layers), "values"), channels=channels
    )
    graph = anomaly.scored(plain.graph, layers[-1].name, "x", plain.shapes(), Score("s", 40.0))
    network = Network("ae", 32, graph, classes=anomaly.CLASSES, channels=channels)
    windows = RNG.normal(size=(7, *network.input_shape))
    made = plain.outputs(windows)[layers[-1].name].reshape(7, -1)
    wanted = np.square(made - windows.reshape(7, -1)).sum(axis=1)
    for each in (network, canonical(network), Network.from_json(network.to_json())):
        found = each.run(windows)
        np.testing.assert_allclose(found[:, 1], wanted, rtol=1e-9)
        assert (found[:, 0] == 40.0).all()
    assert anomaly.score_of(canonical(network)) == Score("s", 40.0)


@pytest.mark.parametrize("end", ["dense", "conv", "sigmoid", "conv, norm"])
def test_the_difference_is_made_where_the_reconstruction_is(end: str) -> None:
    channels, layers = ENDS[end]
    plain = Network(
        "ae", 32, Graph.chain(SAMPLES, (Direct("x"), *layers), "values"), channels=channels
    )
    graph = anomaly.scored(plain.graph, layers[-1].name, "x", plain.shapes())
    made = canonical(Network("ae", 32, graph, channels=channels))
    ops = [node.op for node in made.graph.nodes]
    last = ops[-2]
    assert isinstance(last, Conv1d)
    assert last.residual
    assert not any(op.op == "add" for op in ops)


def test_another_shape_is_no_reconstruction() -> None:
    layers = (Direct("x"), _dense("enc", 6, 32), _dense("dec", 31, 6))
    plain = Network("ae", 32, Graph.chain(SAMPLES, layers, "values"))
    with pytest.raises(InputError, match=r"numbers that it takes, \(1, 32\) of x, not \(31,\)"):
        anomaly.scored(plain.graph, "dec", "x", plain.shapes())


def test_a_value_that_others_read_stays() -> None:
    dec = _dense("dec", 32, 6)
    nodes = (
        Node[Layer](Direct("x"), (SAMPLES,)),
        Node[Layer](_dense("enc", 6, 32), ("x",)),
        Node[Layer](dec, ("enc",)),
        Node[Layer](_dense("again", 3, 32), ("dec",)),
    )
    plain = Network("ae", 32, Graph((SAMPLES,), nodes, (Output("again", "values"),)))
    scored = anomaly.scored(plain.graph, "dec", "x", plain.shapes())
    # It may be made again by somebody who wants both: its weights are not turned.
    assert np.array_equal(scored["dec"].op.tensors()["weight"], dec.weight)
    assert "again" not in [node.name for node in scored.nodes]


@pytest.mark.parametrize("threshold", [-1.0, np.nan, np.inf, "a", True])
def test_a_threshold_is_a_number(threshold: object) -> None:
    with pytest.raises(InputError, match="threshold must be from 0"):
        Score("s", threshold)  # type: ignore[arg-type]
