"""Random graphs with branches on their whole way: calibration, JSON, golden model, training."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import torch

from hwgen import golden
from hwgen.calibration import Method, calibrate
from hwgen.metrics import sqnr_db
from hwgen.network import SAMPLES, Network
from hwgen.passes import canonical
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.make import requantized, uncalibrated
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.training import fake
from hwgen.training.latent import Latent
from hwgen.widths.cached import Staged
from tests.graphs import random_graph

SEEDS = range(200)
CLASSED = [seed for seed in SEEDS if random_graph(seed).class_output is not None]
"""What is trained, and searched for, gives a class."""
METHODS = (Method("mse", "nearest"), Method("max", "compensated"), Method("mse", "compensated"))
FINE = Precision(feature=12, conv_weight=12, activation=12, dense_weight=12, transform="dft")
COARSE = Precision(feature=3, conv_weight=2, activation=3, dense_weight=3)


@cache
def windows(seed: int) -> np.ndarray:
    network = random_graph(seed)
    return np.random.default_rng(seed).normal(size=(12, *network.input_shape))


def names(network: Network) -> tuple[str, ...]:
    return tuple("abc")[: network.logits]


@cache
def calibrated(seed: int, bits: Precision = Precision()) -> QuantizedModel:  # noqa: B008 - it is frozen
    network, method = random_graph(seed), METHODS[seed % len(METHODS)]
    return calibrate(
        network, windows(seed), bits, method=method, task=Task(names(network), 1.25)
    ).model


def ratios(seed: int, bits: Precision) -> list[float]:
    """Return the SQNR of each output."""
    model = calibrated(seed, bits)
    exact = random_graph(seed).outputs(windows(seed) * model.input_scale)
    found = golden.outputs(model, digitise(windows(seed), bits))
    result = []
    for output, value in zip(model.graph.outputs, found, strict=True):
        scale = model.graph[output.source].op.output.scale
        inner = [1] * (value.ndim - 2)
        result.append(sqnr_db(exact[output.source], value * scale.reshape(-1, *inner)))
    return result


def test_graphs_have_every_op_and_shape_of_end():
    networks = [random_graph(seed) for seed in SEEDS]
    convs = [layer for n in networks for layer in n.layers if layer.op == "conv1d"]
    assert {layer.op for n in networks for layer in n.layers} == {
        "direct", "spectrum", "conv1d", "maxpool1d", "avgpool1d", "adaptiveavgpool1d", "add",
        "concat", "multiply", "table", "dense",
    }  # fmt: skip
    assert {n.channels for n in networks} == {1, 2, 3}
    kinds = {tuple(output.kind for output in n.graph.outputs) for n in networks}
    assert kinds == {("class",), ("values",), ("values", "values"), ("values", "class")}
    assert 100 < len(CLASSED) < len(SEEDS)
    for field, usual in (("residual", False), ("groups", 1), ("dilation", 1)):
        assert sum(getattr(conv, field) != usual for conv in convs) > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_integers_are_near_float(seed):
    coarse, fine = ratios(seed, Precision()), ratios(seed, FINE)
    assert min(coarse) > 14
    assert min(fine) > 28


def test_more_bits_are_nearer():
    gained = [
        np.mean(ratios(seed, FINE)) - np.mean(ratios(seed, Precision()))
        for seed in range(0, 200, 5)
    ]
    assert np.median(gained) > 18


@pytest.mark.parametrize("seed", SEEDS)
def test_files_give_the_same_networks_back(seed):
    network, model = random_graph(seed), calibrated(seed)
    again = Network.from_json(json.loads(json.dumps(network.to_json())))
    assert again.to_json() == network.to_json()
    read = QuantizedModel.from_json(json.loads(json.dumps(model.to_json())))
    assert read.digest == model.digest
    samples = digitise(windows(seed), model.bits)
    for one, other in zip(golden.outputs(read, samples), golden.outputs(model, samples),
                          strict=True):  # fmt: skip
        assert np.array_equal(one, other)


@pytest.mark.parametrize("seed", CLASSED[::4])
def test_the_search_for_bits_measures_what_calibration_makes(seed):
    network, method = random_graph(seed), METHODS[seed % len(METHODS)]
    x = np.random.default_rng(seed).normal(size=(12, *network.input_shape))
    task = Task(names(network), 1.25)
    staged = Staged(network, x[:8], x[8:], method, task)
    for bits in (
        Precision(),
        COARSE,
        Precision(activation=5),
        Precision(conv_weight=4),
        Precision(),
    ):
        model, logits = staged.run(bits)
        plain = calibrate(network, x[:8], bits, task, method=method).model
        assert model.digest == plain.digest
        assert np.array_equal(logits, golden.run(plain, digitise(x[8:], bits)))


@pytest.mark.parametrize("bits", [Precision(), COARSE], ids=["default", "coarse"])
@pytest.mark.parametrize("seed", CLASSED[::2])
def test_training_sees_the_golden_model(seed, bits):
    network = random_graph(seed)
    model = calibrated(seed, bits)
    samples = digitise(windows(seed), bits)
    given = {
        node.name: torch.from_numpy(golden.run_op(node.op, samples)).to(torch.float64)
        for node in model.graph.readers(SAMPLES)
    }
    latent = Latent(network, model)
    model = requantized(latent.network(), model)
    logits = fake.run(model, latent.weights(), given)
    assert np.array_equal(logits.detach().numpy(), golden.run(model, samples))
    (logits * torch.arange(1, 1 + logits.shape[1])).sum().backward()
    moved = [value.grad.abs().max() for value in latent.parameters() if value.grad is not None]
    assert max(moved) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_measured_has_the_shapes_of_what_was(seed):
    model = uncalibrated(random_graph(seed), Precision())
    for rough, fitted in zip(model.ops, calibrated(seed).ops, strict=True):
        assert rough.output.shape == fitted.output.shape
        if fitted.rounds or fitted.op != "dense":  # a logit is as wide as its very weights ask for
            assert rough.output.fmt == fitted.output.fmt


@pytest.mark.parametrize("seed", SEEDS)
def test_passes_change_no_value(seed):
    network = random_graph(seed)
    made = canonical(network)
    if made is network:
        return
    assert sum(layer.op == "add" for layer in made.layers) < sum(
        layer.op == "add" for layer in network.layers
    )
    x = windows(seed)
    # The value of an add has the convolution's name.
    for one, other in zip(network.outputs(x).values(), made.outputs(x).values(), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9)
