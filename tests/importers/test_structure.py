"""Version 2 of our own format: any graph comes back, and what is no such file is refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.errors import InputError
from hwgen.importers import CheckpointMeta, Geometry, Windows, save_checkpoint
from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.grid import Grid
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.quantizer import Quantizer
from hwgen.network.ops.relu import Relu

META = CheckpointMeta("made up", None, {"f1": 0.5})
CHANNELS, SAMPLES_A_WINDOW, CLASSES = 3, 64, ("a", "b")


def numbers(seed, *shape):
    # As a file has them: float32.
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32).astype(float)


@pytest.fixture
def network():
    norm = BatchNorm1d("norm", *(numbers(k, 3) for k in (1, 2, 3)), np.ones(3), eps=1e-3)
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(
            Conv1d("conv", numbers(0, 3, 1, 5), numbers(4, 3), 1, 2, False, groups=3), ("direct",)
        ),
        Node(norm, ("conv",)),
        Node(Add("add"), ("norm", "direct")),
        Node(Relu("relu"), ("add",)),
        Node(AvgPool1d("mean", SAMPLES_A_WINDOW), ("relu",)),
        Node(Dense("fc", numbers(5, 2, 3), numbers(6, 2)), ("mean",)),
    )
    outputs = (Output("fc"), Output("mean", "values"))
    graph = Graph((SAMPLES,), nodes, outputs)
    return Network("mine", SAMPLES_A_WINDOW, graph, CLASSES, 0.5, 8000.0, CHANNELS)


@pytest.fixture
def path(tmp_path, network):
    x = numbers(7, 4, CHANNELS, SAMPLES_A_WINDOW)
    windows = Windows(x, np.arange(4) % 2, "made up")
    save_checkpoint(tmp_path / "own.pt", network, meta=META, calibration=windows, test=windows)
    return tmp_path / "own.pt"


def changed(path, change):
    """Write the file anew after `change` to what it holds."""
    value = copy.deepcopy(torch.load(path, weights_only=True))
    change(value)
    torch.save(value, path)
    return path


def test_everything_comes_back(path, network):
    checkpoint = importers.load(path)
    assert checkpoint.network.to_json() == network.to_json()
    assert not checkpoint.bare
    assert checkpoint.meta == META
    for windows in (checkpoint.calibration, checkpoint.test):
        np.testing.assert_array_equal(
            windows.x, numbers(7, 4, CHANNELS, SAMPLES_A_WINDOW).astype(np.float32)
        )
    x = numbers(8, 2, CHANNELS, SAMPLES_A_WINDOW)
    np.testing.assert_array_equal(checkpoint.network.run(x), network.run(x))


def test_torch_loads_it_safely_and_the_tensors_are_named_by_node(path):
    value = torch.load(path, weights_only=True)
    assert value["version"] == 2
    assert list(value["state_dict"]) == [
        *("conv.weight", "conv.bias"),
        *(f"norm.{field}" for field in ("weight", "bias", "mean", "variance")),
        *("fc.weight", "fc.bias"),
    ]
    assert {tensor.dtype for tensor in value["state_dict"].values()} == {torch.float32}


def test_geometry_is_for_others_but_a_window_that_agrees_is_taken(path):
    assert importers.load(path, geometry=Geometry(window=64)).network.logits == 2
    with pytest.raises(InputError, match=r"--stride 8 is for a bare state_dict.*leave it out"):
        importers.load(path, geometry=Geometry(stride=8))
    with pytest.raises(InputError, match=r"--window 128 .*windows of 64"):
        importers.load(path, geometry=Geometry(window=128))


def node(number, **fields):
    return lambda value: value["network"]["nodes"][number].update(fields)


def network_field(name, new):
    return lambda value: value["network"].update({name: new})


def tensor(name, new):
    return lambda value: value["state_dict"].update({name: new})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (network_field("nodes", {}), "nodes must be a list"),
        (network_field("nodes", [3]), "a node must be a dict, not 3"),
        (network_field("nodes", []), "state_dict must hold the network's tensors only"),
        (network_field("input_samples", 1 << 40), "input_samples must be from 1 to 65536"),
        (network_field("input_samples", True), "input_samples must be"),
        (network_field("input_samples", 32), "mean takes"),
        (network_field("channels", 0), "channels must be from 1 to 256, not 0"),
        (network_field("channels", 2), "conv takes"),
        (network_field("name", "a\nb"), "the network's name must be a name"),
        (network_field("outputs", None), "outputs must be a list"),
        (network_field("outputs", [{"source": "fc", "kind": "guess"}]), "an output must be one of"),
        (network_field("outputs", [{"source": "x", "kind": "class"}]), "must be a value of the"),
        (node(0, op="../direct"), "op must be a name"),
        (node(0, op="os"), "'os' is not known"),
        (node(0, name="a b"), "a node's name must be a name"),
        (node(0, name=["direct"]), "a node's name must be a name"),
        (node(0, name="x" * 101), "a node's name must be a name"),
        (node(1, inputs="direct"), "conv must be a list"),
        (node(1, inputs=["later"]), "conv must read values made before it, not 'later'"),
        (node(1, stride=0), "conv stride"),
        (node(1, stride=1 << 40), "conv stride must be a plain number"),
        (node(1, stride=[1]), "conv stride must be a plain number"),
        (node(1, stride=True), "conv stride must be an integer"),
        (node(1, relu="no"), "conv relu must not be no"),
        (node(1, relu=1), "conv relu must not be 1"),
        (node(1, size=4), "layer 'conv'"),
        (node(1, tensors=["weight"]), "tensors only, not conv.bias too"),
        (node(1, tensors=["weight", "bias", "bias"]), "conv.bias must be in the state_dict, once"),
        (node(1, tensors=["weight", "bias", "scale"]), "conv.scale must be in the state_dict"),
        (node(1, tensors="weight"), "conv tensors must be a list"),
        (node(1, weight=3), "conv.weight must be in the state_dict, once"),
        (node(2, eps=float("nan")), "norm eps must be a plain number"),
        (node(2, eps=10**400), "norm eps must be a plain number"),
        (tensor("fc.weight", torch.zeros(2, 4)), "fc takes 4 values"),
        (tensor("fc.weight", torch.zeros(2, 3, dtype=torch.int64)), "fc.weight must be float32"),
        (tensor("fc.weight", torch.full((2, 3), torch.inf)), "NaN, infinite"),
        (tensor("fc.weight", torch.zeros(1).expand(1 << 15, 1 << 15)), "at most 16777216"),
        (tensor("fc.weight", [1.0]), "state_dict must hold tensors"),
        (tensor("fc.scale", torch.zeros(1)), "tensors only, not fc.scale too"),
        (tensor(4, torch.zeros(1)), "state_dict must hold tensors"),
        (lambda value: value["state_dict"].pop("fc.bias"), "fc.bias must be in the state_dict"),
        (lambda value: value.update(classes=["a"]), "one per logit"),
        (lambda value: value["test"].update(x=torch.zeros(4, 64)), "3 channels of 64 samples"),
    ],
)  # fmt: skip
def test_each_damaged_field_is_refused(path, change, says):
    with pytest.raises(InputError, match=says) as error:
        importers.load(changed(path, change))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("field", ["name", "input_samples", "channels", "nodes", "outputs"])
def test_each_missing_field_is_refused(path, field):
    with pytest.raises(InputError, match=f"damaged.*{field}"):
        importers.load(changed(path, lambda value: value["network"].pop(field)))


GRID = Grid((2.0**-4, 0.3, 0.7), -8, 7, "up")


@pytest.fixture
def quantised(tmp_path):
    """Return a file of a network that was trained with quantisers."""
    units = np.array([0.25, 0.5, 0.1])
    weight = np.random.default_rng(3).integers(-7, 8, (3, 1, 5)) * units[:, None, None]
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(Quantizer("quant", grid=Grid((0.125,), -128, 127)), ("direct",)),
        Node(Conv1d("conv", weight, np.zeros(3), 1, 2, False, unit=(0.25, 0.5, 0.1), grid=GRID),
             ("quant",)),
        Node(Dense("fc", numbers(5, 2, 3 * 64), numbers(6, 2)), ("conv",)),
    )  # fmt: skip
    net = Network("mine", 64, Graph((SAMPLES,), nodes, (Output("fc"),)), CLASSES)
    save_checkpoint(tmp_path / "quantised.pt", net, meta=META)
    return tmp_path / "quantised.pt"


def test_quantisers_of_a_training_come_back(quantised):
    assert isinstance(torch.load(quantised, weights_only=True), dict)
    checkpoint = importers.load(quantised)
    graph = checkpoint.network.graph
    assert graph["quant"].op.grid == Grid((0.125,), -128, 127)
    assert (graph["conv"].op.grid, graph["conv"].op.unit) == (GRID, (0.25, 0.5, 0.1))
    assert checkpoint.notes == ()


def test_quantisers_of_our_own_file_may_be_dropped(quantised, path):
    checkpoint = importers.load(quantised, quantizers="drop")
    graph = checkpoint.network.graph
    assert (graph["quant"].op.op, graph["conv"].op.unit) == ("identity", None)
    assert "the quantisers of the file are dropped (2 layers)" in checkpoint.notes[-1]
    assert "does nothing" in importers.load(path, quantizers="drop").notes[-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (node(2, grid=[]), "conv grid must be a dict"),
        (node(2, grid={}), "conv grid step must be a list"),
        (node(2, grid=GRID.to_json() | {"step": ["1"]}), "conv grid step must be numbers, not 1"),
        (node(2, grid=GRID.to_json() | {"step": [0.0]}), "must be positive numbers"),
        (node(2, grid=GRID.to_json() | {"low": 1.5}), "conv grid low must be an integer, not 1.5"),
        (node(2, grid=GRID.to_json() | {"high": True}), "conv grid high must be an integer"),
        (node(2, grid=GRID.to_json() | {"high": 1 << 20}), "at most 16 bits"),
        (node(2, grid=GRID.to_json() | {"rounding": ["up"]}), "conv grid rounding must be a name"),
        (node(2, grid=GRID.to_json() | {"rounding": "so"}), "rounding must be one of"),
        (node(2, unit=0.5), "conv unit must be a list"),
        (node(2, unit=[0.5, "x", 0.1]), "conv unit must be numbers, not x"),
        (node(2, unit=[0.5, 0.1]), "must be a positive number for each of 3 rows"),
    ],
)  # fmt: skip
def test_damaged_quantisers_are_refused(quantised, change, says):
    with pytest.raises(InputError, match=says) as error:
        importers.load(changed(quantised, change))
    assert "\n" not in str(error.value)
