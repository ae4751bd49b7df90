"""From float network and windows to the integer network."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen import golden
from hwgen.calibration import Method, calibrate, layer_statistics
from hwgen.errors import HwgenError, InputError
from hwgen.metrics import agreement
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

CLASSES = ("a", "b", "c", "d")


@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
@pytest.mark.parametrize("method", ["max", "percentile", "mse"])
@pytest.mark.parametrize(
    "shape",
    [
        {"window": 128, "convs": ((4, 8, 4, 2, 2),)},
        {"window": 64, "convs": ((3, 5, 2, 1, 0), (4, 3, 1, 1, 2)), "hidden": 8},
        {"window": 64, "convs": (), "hidden": 6},
        {
            "window": 128,
            "convs": ((4, 8, 4, 2, 2),),
            "bits": Precision(transform="dft", twiddle=12),
        },
    ],
)
def test_classes_agree_with_float(make_example, shape, method, rounding):
    example = make_example(11, windows=200, method=Method(method, rounding), **shape)
    exact = example.network.run(example.windows * example.model.input_scale).argmax(axis=1)
    fixed = golden.classify(golden.run(example.model, example.samples))
    assert agreement(exact, fixed) >= 0.95
    assert len(set(exact)) > 1


def test_sixteen_bits_agree_nearly_always(make_example):
    bits = Precision(feature=16, conv_weight=16, activation=16, dense_weight=16)
    example = make_example(12, windows=300, bits=bits, window=128, hidden=6)
    exact = example.network.run(example.windows * example.model.input_scale).argmax(axis=1)
    fixed = golden.classify(golden.run(example.model, example.samples))
    assert agreement(exact, fixed) >= 0.98


def test_more_bits_are_more_accurate(make_network):
    network = make_network(15, window=128)
    windows = np.random.default_rng(2).normal(0, 1, (50, 128))
    ratios = []
    for width in (4, 6, 8, 10):
        bits = Precision(feature=width, conv_weight=width, activation=width, dense_weight=width)
        made = calibrate(network, windows, bits, task=Task(CLASSES))
        ratios.append(layer_statistics(network, made.model, windows)[-1].sqnr_db)
    assert ratios == sorted(ratios)
    assert ratios[-1] > ratios[0] + 15


def test_the_input_scale_reaches_the_network(make_network):
    network = make_network(16, window=64)
    windows = np.random.default_rng(3).normal(0, 1, (60, 64))
    for scale in (0.1, 1.261, 30.0):
        made = calibrate(network, windows, Precision(), task=Task(CLASSES, scale)).model
        exact = network.run(windows * scale)
        logits = golden.run(made, digitise(windows, made.bits)) * made.ops[-1].output.scale
        assert np.abs(logits - exact).max() < 0.1 * np.abs(exact).max()
        assert made.input_scale == scale


def test_what_is_given_is_kept(make_network):
    network = make_network(17, window=64)
    windows = np.ones((1, 64)) * np.arange(64) / 64
    bits = Precision(adc=12, full_scale=2.0)
    made = calibrate(network, windows, bits, task=Task(CLASSES, 2.0, 12e3)).model
    assert (made.classes, made.bits, made.sample_rate) == (CLASSES, bits, 12e3)
    assert (made.name, made.input_samples) == ("random", 64)


@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_silence_calibrates(make_network, rounding):
    made = calibrate(
        make_network(18, window=64),
        np.zeros((2, 64)),
        Precision(),
        method=Method("max", rounding),
        task=Task(CLASSES),
    )
    assert golden.run(made.model, np.zeros((1, 64), dtype=np.int64)).shape == (1, 4)


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e200])
@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_extreme_weights_calibrate(make_network, size, rounding):
    network = make_network(19, window=64, hidden=5)
    layers = []
    for layer in network.layers:
        weighted = isinstance(layer, Conv1d)
        layers.append(dataclasses.replace(layer, weight=layer.weight * size) if weighted else layer)
    extreme = network.with_layers(tuple(layers))
    windows = np.random.default_rng(4).normal(0, 1, (20, 64))
    made = calibrate(
        extreme, windows, Precision(), method=Method("mse", rounding), task=Task(CLASSES)
    )
    exact = extreme.run(windows).argmax(axis=1)
    fixed = golden.classify(golden.run(made.model, digitise(windows, made.model.bits)))
    assert agreement(exact, fixed) >= 0.9


def test_all_negative_logits_keep_their_class(make_network):
    network = make_network(20, window=64)
    last = network.layers[-1]
    network = network.with_layers([dataclasses.replace(last, bias=last.bias - 1000.0)])
    windows = np.random.default_rng(5).normal(0, 3, (50, 64))
    made = calibrate(network, windows, Precision(), task=Task(CLASSES))
    logits = golden.run(made.model, digitise(windows, made.model.bits))
    assert (logits < 0).all()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"windows": np.zeros((0, 64))}, InputError),
        ({"windows": np.zeros(64)}, InputError),
        ({"windows": np.zeros((3, 32))}, InputError),
        ({"windows": np.full((3, 64), np.nan)}, InputError),
        ({"windows": np.full((3, 64), np.inf)}, InputError),
        ({"task": Task(("a", "b"))}, InputError),
        ({"task": Task(CLASSES, 0.0)}, HwgenError),
        ({"task": Task(CLASSES, -1.0)}, HwgenError),
        ({"task": Task(CLASSES, float("nan"))}, HwgenError),
        ({"task": Task(CLASSES, float("inf"))}, HwgenError),
    ],
)
def test_what_is_refused(make_network, change, error):
    arguments = {
        "windows": np.random.default_rng(6).normal(0, 1, (3, 64)),
        "task": Task(CLASSES),
    } | change
    with pytest.raises(error):
        calibrate(make_network(21, window=64), bits=Precision(), **arguments)


def test_a_network_may_begin_with_samples():
    rng = np.random.default_rng(9)
    dense = Dense("last", rng.normal(size=(2, 16)), np.zeros(2))
    network = Network.chain("n", 16, (dense,))
    windows = rng.normal(size=(40, 16))
    made = calibrate(network, windows, Precision(), task=Task(("a", "b")))
    fixed = golden.classify(golden.run(made.model, digitise(windows, Precision())))
    assert agreement(network.run(windows).argmax(axis=1), fixed) >= 0.95


def test_a_spectrum_in_the_middle_is_refused():
    layers = (
        Spectrum("s1", 32),
        Dense("fc1", np.ones((16, 16)), np.zeros(16)),
        Spectrum("s2", 16),
        Dense("last", np.ones((2, 8)), np.zeros(2)),
    )
    with pytest.raises(InputError, match="must read one channel of samples"):
        calibrate(
            Network.chain("n", 32, layers), np.ones((2, 32)), Precision(), task=Task(("a", "b"))
        )
