"""Every network of the zoo answers on the host as the float network does, every way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import zoo_host
from torch.nn import BatchNorm1d

from hwgen import zoo
from hwgen.network import Graph, Node, Output
from hwgen.network.ops.dense import Dense

WINDOW = 1024
CASES = [
    (name, channels)
    for name in zoo.of_task("classes")
    for channels in (1, 3)
    if channels <= (zoo.designed(name, {}).most_channels or channels)
]


def grown(name, channels):
    """Return a network of the zoo, as if trained."""
    design = zoo.designed(name, {"window": WINDOW})
    torch.manual_seed(5)
    module = design.module(channels, 4, design.recipe("default").student).double().eval()
    for layer in module.modules():
        if isinstance(layer, BatchNorm1d):
            layer.running_mean += 0.3 * torch.randn_like(layer.running_mean)
            layer.running_var *= 0.5 + torch.rand_like(layer.running_var)
    return design.network(module, channels, tuple("abcd"), 1.0, 12e3)


def windows(network, count=4):
    return np.random.default_rng(1).normal(size=(count, *network.input_shape))


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_the_module_comes_back_from_the_network(name, channels):
    network = grown(name, channels)
    x = windows(network)
    with torch.no_grad():
        found = zoo_host.module_of(network).double()(torch.from_numpy(x)).numpy()
    exact = network.run(x)
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_c_answers_like_the_network(name, channels, tmp_path):
    network = grown(name, channels)
    x = windows(network)
    exact = network.run(x)
    found = zoo_host.C(network, tmp_path).logits(x.astype(np.float32))
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()


def test_a_network_that_is_not_the_modules_is_refused():
    network = grown("lenet1d", 1)
    graph = network.graph
    more = Node(Dense("more", np.eye(4), np.zeros(4)), ("fc3",))
    longer = Graph(graph.inputs, (*graph.nodes, more), (Output("more"),))
    with pytest.raises(ValueError, match="the module of lenet1d has no layer more"):
        zoo_host.module_of(replace(network, graph=longer))
    longer_taps = replace(graph["conv1"].op, weight=np.ones((6, 1, 7)), padding=1)
    with pytest.raises(ValueError, match=r"conv1.weight of lenet1d must be of shape \(6, 1, 5\)"):
        zoo_host.module_of(network.with_layers([longer_taps]))


def test_a_bias_that_the_module_has_not_is_refused():
    network = grown("mobilenet1d", 1)
    stem = network.graph["stem"].op
    other = network.with_layers([replace(stem, bias=stem.bias + 1)])
    with pytest.raises(ValueError, match=r"stem.bias of mobilenet1d must be 0"):
        zoo_host.module_of(other)


@pytest.mark.filterwarnings("ignore")  # of torch's exporter
def test_all_ways_are_timed_and_checked(tmp_path, monkeypatch):
    network = grown("lenet1d", 1)
    row = zoo_host.measured(network, windows(network), tmp_path, runs=20)
    assert set(row) == {"torch", "onnxruntime", "c"}
    for each in row.values():
        assert 0 < each["min_us"] <= each["median_us"]
        assert (each["runs"], each["windows"]) == (20, 4)
        assert each["off"] < 1e-5
        assert each["versions"]
    monkeypatch.setattr(zoo_host.C, "logits", lambda _, x: network.run(x) * 1.001)
    with pytest.raises(ValueError, match="C must give the logits of lenet1d"):
        zoo_host.measured(network, windows(network), tmp_path, runs=20)
