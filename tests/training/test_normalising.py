"""Windows that are normalised by themselves in training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen import zoo
from hwgen.errors import UsageError
from hwgen.network.ops import normalise
from hwgen.network.ops.normalise import Normalise
from hwgen.training import normalising


def test_the_methods_are_those_of_the_network():
    assert list(normalising.METHODS) == list(normalise.METHODS)


@pytest.mark.parametrize("method", normalise.METHODS)
@pytest.mark.parametrize("shape", [(4, 50), (4, 3, 50)])
def test_torch_does_what_the_layer_does(method, shape):
    x = np.random.default_rng(1).normal(0.3, 2, shape)
    x[1] = 0
    expected = Normalise("x", method).apply(x)
    got = normalising.METHODS[method](torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(got.reshape(expected.shape), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["wdcnn", "tcn"])
def test_a_module_and_its_graph_have_it(name):
    design = zoo.designed(name, {"prepare": "z-score", "window": 1024})
    torch.manual_seed(3)
    module = design.trained(1, 3, design.recipe("default").student).double().eval()
    network = design.network(module, 1, ("a", "b", "c"), 1.0, None)
    assert network.graph.nodes[0].op.method == "z-score"
    x = np.random.default_rng(2).normal(5, 3, (3, 1024))
    logits = module(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(network.judged(x), logits, atol=1e-9)
    # Their level and their loudness are of no matter, and without it they are.
    np.testing.assert_allclose(network.judged(7 * x - 9), logits, atol=1e-9)
    plain = zoo.designed(name, {"window": 1024})
    assert plain.network(module, 1, ("a", "b", "c"), 1.0, None).graph.nodes[0].op.op == "direct"


def test_networks_on_a_spectrum_have_none():
    with pytest.raises(UsageError, match=r"^--prepare makes no sense for teacher"):
        zoo.designed("teacher", {"prepare": "mean"})
