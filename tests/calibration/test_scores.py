"""Autoencoders whose features have steps of their own: differences have one step all the same."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.calibration import Method, calibrate
from hwgen.calibration.fit import ROUNDINGS
from hwgen.metrics import sqnr_db
from hwgen.network import SAMPLES, Graph, Layer, Network, Node, anomaly
from hwgen.network.graph import Output
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.table import Table
from hwgen.passes import canonical
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

FEATURES = 12
BITS = Precision(feature=12, activation=12, conv_weight=10, dense_weight=10)


def autoencoder(rng: np.random.Generator, *end: Layer) -> Network:
    """Return a network that makes standard scores of features of different sizes again."""
    gains = 2.0 ** rng.uniform(-1.5, 1.5, FEATURES)
    standard = Conv1d("standard", gains[:, None, None], rng.normal(size=FEATURES), 1, 0,
                      relu=False, groups=FEATURES)  # fmt: skip
    weight = rng.normal(size=(5, FEATURES)) / 4
    layers = (
        Direct("x"), Reshape("features", FEATURES), standard,
        Dense("enc", weight, rng.normal(size=5)), Relu("relu"),
        Dense("dec", rng.normal(size=(FEATURES, 5)) / 2, rng.normal(size=FEATURES)), *end,
    )  # fmt: skip
    plain = Network("ae", FEATURES, Graph.chain(SAMPLES, layers, "values"))
    graph = anomaly.scored(plain.graph, layers[-1].name, "standard", plain.shapes())
    return Network("ae", FEATURES, graph, classes=anomaly.CLASSES)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("end", [(), (Table("sig", "sigmoid"),)], ids=["linear", "sigmoid"])
@pytest.mark.parametrize("seed", range(3))
def test_the_score_is_near_the_float_one(seed, end, rounding):
    rng = np.random.default_rng(seed)
    network = canonical(autoencoder(rng, *end))
    spread = 1 / np.abs(network.graph["standard"].op.tensors()["weight"].reshape(-1))
    x = rng.normal(size=(300, FEATURES)) * spread
    made = calibrate(
        network, x[:200], BITS, Task(anomaly.CLASSES, 1.0), method=Method(rounding=rounding)
    )
    score = made.model.score
    assert score is not None
    found = golden.run(made.model, digitise(x[200:], BITS))[:, 1] * score.output.scale[1]
    assert sqnr_db(network.run(x[200:])[:, 1], found) > 25


def test_a_sum_of_two_values_has_one_step_too():
    """Where the reconstruction is read by others, the difference is a sum of its own."""
    rng = np.random.default_rng(7)
    graph = autoencoder(rng, Relu("end")).graph
    nodes = (*graph.nodes, Node[Layer](Relu("more"), ("end",)))
    outputs = (*graph.outputs, Output("more", "values"))
    both = Network("ae", FEATURES, Graph(graph.inputs, nodes, outputs), classes=anomaly.CLASSES)
    network = canonical(both)
    x = rng.normal(size=(200, FEATURES)) / 4
    model = calibrate(network, x, BITS, Task(anomaly.CLASSES, 1.0)).model
    assert model.score is not None
    found = golden.run(model, digitise(x, BITS))[:, 1] * model.score.output.scale[1]
    assert sqnr_db(network.run(x)[:, 1], found) > 20
