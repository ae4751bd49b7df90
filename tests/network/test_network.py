"""The network of layers: its rules, its meaning, its JSON."""

from __future__ import annotations

import copy
import dataclasses
import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Network, layer_from_json
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum


@pytest.fixture
def network() -> Network:
    rng = np.random.default_rng(2)
    return Network.chain(
        name="bearingpga",
        input_samples=128,
        layers=(
            Spectrum("spectrum", 128),
            Conv1d("conv1", rng.normal(size=(3, 1, 8)), rng.normal(size=3), 4, 2),
            MaxPool1d("pool1", 2),
            Dense("fc1", rng.normal(size=(5, 24)), rng.normal(size=5), relu=True),
            Dense("fc2", rng.normal(size=(2, 5)), rng.normal(size=2)),
        ),
        classes=("fault", "normal"),
        input_scale=1.5,
        sample_rate=12000.0,
    )


def test_run_is_what_torch_computes(network):
    conv, fc1, fc2 = (network.layers[i] for i in (1, 3, 4))
    x = np.random.default_rng(0).normal(size=(300, 128))  # more than one batch

    def linear(y, layer):
        return functional.linear(y, torch.tensor(layer.weight), torch.tensor(layer.bias))

    y = torch.fft.fft(torch.tensor(x)).abs()[:, None, 64:] / 128
    y = functional.conv1d(y, torch.tensor(conv.weight), torch.tensor(conv.bias), 4, 2)
    y = functional.max_pool1d(functional.relu(y), 2).flatten(1)
    y = linear(functional.relu(linear(y, fc1)), fc2)
    np.testing.assert_allclose(network.run(x), y.numpy(), rtol=1e-10, atol=1e-12)


def test_shapes_logits_parameters_and_activations(network):
    shapes = ((128,), (1, 64), (3, 16), (3, 8), (5,), (2,))
    names = ("samples", "spectrum", "conv1", "pool1", "fc1", "fc2")
    assert network.shapes() == dict(zip(names, shapes, strict=True))
    assert network.logits == 2
    assert network.parameters == 3 * 8 + 3 + 5 * 24 + 5 + 2 * 5 + 2
    x = np.random.default_rng(0).normal(size=(4, 128))
    activations = network.activations(x)
    assert {name: a.shape[1:] for name, a in activations.items()} == network.shapes()
    np.testing.assert_array_equal(activations["fc2"], network.run(x))
    assert list(network.activations(x, keep=("pool1",))) == ["pool1"]


def test_no_windows_give_no_logits_and_wrong_windows_an_error(network):
    assert network.run(np.zeros((0, 128))).shape == (0, 2)
    with pytest.raises(InputError, match=r"windows must be \(n, 128\), not \(4, 64\)"):
        network.run(np.zeros((4, 64)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"input_samples": 64}, r"spectrum takes \(128,\) samples"),
        ({"graph": Graph.chain(SAMPLES, [Spectrum("spectrum", 128)])}, "end in 2 or more logits"),
        ({"classes": ("a",)}, r"one per logit \(2\), not 1"),
        ({"input_scale": 0.0}, "input_scale must be a positive number"),
        ({"input_scale": float("nan")}, "input_scale must be a positive number"),
        ({"sample_rate": -1.0}, "sample_rate must be a positive number"),
        ({"sample_rate": float("inf")}, "sample_rate must be a positive number"),
    ],
)
def test_each_rule_of_the_network(network, change, says):
    with pytest.raises(InputError, match=says):
        dataclasses.replace(network, **change)


def test_layer_names_must_differ(network):
    fc2 = dataclasses.replace(network.layers[4], name="fc1")
    with pytest.raises(InputError, match="layer names must differ"):
        Network.chain("n", 128, (*network.layers[:4], fc2))


def test_json_brings_every_value_back(network):
    text = json.dumps(network.to_json(), allow_nan=False)
    back = Network.from_json(json.loads(text))
    assert back.to_json() == network.to_json()
    x = np.random.default_rng(0).normal(size=(4, 128))
    np.testing.assert_array_equal(back.run(x), network.run(x))


def paths(value, prefix=()):
    """Yield the key path of every value in a JSON tree, not descending into tensors."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*prefix, key)
        if isinstance(inner, dict) or (isinstance(inner, list) and prefix == () and inner):
            yield from paths(inner, (*prefix, key))


MAY_BE_NULL = {"input_scale", "sample_rate", "relu", "name", "format"}

HAS_DEFAULT = {"relu", "format", "version", "channels"}


def test_every_damaged_field_is_an_input_error_or_harmless(network):
    good = json.loads(json.dumps(network.to_json()))
    for path in paths(good):
        for damage in (None, "x", -1, [], {}, [[1], [2, 3]], float("nan"), 1e300):
            value = copy.deepcopy(good)
            parent = value
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = damage
            try:
                Network.from_json(value)
            except InputError as error:
                assert str(error)  # noqa: PT017
            else:
                assert str(path[-1]) in MAY_BE_NULL | {"0", "1", "classes"}, (path, damage)


def test_every_missing_field_is_an_input_error(network):
    good = json.loads(json.dumps(network.to_json()))
    for path in paths(good):
        if path[-1] in HAS_DEFAULT or isinstance(path[-1], int):
            continue  # or is a list's item
        value = copy.deepcopy(good)
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
        with pytest.raises(InputError):
            Network.from_json(value)


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"name": "x"}])
def test_what_is_no_network(value):
    with pytest.raises(InputError, match="damaged"):
        Network.from_json(value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3, "must be an object"),
        ({"op": 3}, "must be an object"),
        ({"op": "os.system"}, "op must be a name"),
        ({"op": "layer", "name": "x"}, "not known"),
        ({"op": "capsule", "name": "x"}, "'capsule' is not known"),
        ({"op": "maxpool1d", "name": "p"}, "'p'.*size"),
        ({"op": "maxpool1d", "name": "p", "size": 2, "ceil": 1}, "ceil"),
    ],
)
def test_what_is_no_layer(value, says):
    with pytest.raises(InputError, match=says):
        layer_from_json(value)
