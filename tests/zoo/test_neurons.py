"""Networks of the zoo with task-driven neurons in their convolutions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import BatchNorm1d

from hwgen import passes, zoo
from hwgen.calibration import calibrate
from hwgen.errors import UsageError
from hwgen.golden import judged
from hwgen.network.neuron import Neuron
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

NEURONS = {
    "inner product": Neuron((1,)),
    "quadratic": Neuron((2,), (2,)),
    "of order 3": Neuron((1, 3), (2, 3)),
    "shared": Neuron((1,), (2,), 3),
    "products alone": Neuron((), (2, 3)),
}
NAMES = tuple(
    name
    for name in zoo.of_task("classes")
    if hasattr(zoo.designed(name, {}), "prepare") and zoo.designed(name, {}).most_channels is None
)
WITHOUT = "qcnn", "qcnn16"
"""Their neurons are their own."""


def grown(name, neuron, seed=5):
    """Return a module, as if trained, and its network."""
    design = zoo.designed(name, {"window": 1024, "neuron": neuron})
    torch.manual_seed(seed)
    module = design.trained(1, 3, design.recipe("default").student).double().eval()
    for key, tensor in module.named_parameters():
        tensor.data.add_(0.05 * torch.randn_like(tensor))
        if "_layers." in key:  # the power 3 of the power 3 and so on has no bounds
            tensor.data.mul_(0.2)
    for layer in module.modules():
        if isinstance(layer, BatchNorm1d):
            layer.running_mean.add_(0.3 * torch.randn_like(layer.running_mean))
            layer.running_var *= 0.5 + torch.rand_like(layer.running_var)
    return module, design.network(module, 1, tuple("abc"), 1.0, 12e3)


def same(module, network):
    x = np.random.default_rng(0).standard_normal((3, *network.input_shape))
    with torch.no_grad():
        wanted = module(torch.from_numpy(x)).numpy()
    assert np.ptp(wanted) > 0
    for each in network, passes.canonical(network):
        np.testing.assert_allclose(each.run(x), wanted, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("kind", NEURONS)
def test_the_graph_means_what_the_module_computes(kind):
    module, network = grown("wdcnn", NEURONS[kind])
    same(module, network)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT])
def test_every_network_on_samples_takes_a_neuron(name):
    module, network = grown(name, NEURONS["of order 3"])
    assert any(".int_layers." in key for key in module.state_dict())
    same(module, network)


def test_an_inner_product_is_the_network_that_there_is():
    _, network = grown("wdcnn", NEURONS["inner product"])
    plain = zoo.designed("wdcnn", {"window": 1024})
    ordinary = plain.network(
        plain.module(1, 3, plain.recipe("default").student), 1, tuple("abc"), 1.0, 12e3
    )
    ops = [[layer.op for layer in passes.canonical(each).layers] for each in (network, ordinary)]
    assert ops[0] == ops[1]


def test_a_quadratic_one_is_what_qcnn_has():
    _, network = grown("ticnn", NEURONS["quadratic"])
    design = zoo.designed("qcnn", {"window": 1024})
    published = design.network(
        design.module(1, 3, design.recipe("default").student), 1, tuple("abc"), 1.0, 12e3
    )
    ops = [[layer.op for layer in passes.canonical(each).layers] for each in (network, published)]
    assert ops[0] == ops[1]


@pytest.mark.parametrize("name", WITHOUT)
def test_networks_with_neurons_of_their_own_take_no_other(name):
    with pytest.raises(UsageError, match=f"^--neuron makes no sense for {name}: it has no conv"):
        grown(name, NEURONS["of order 3"])


def test_networks_on_spectra_take_none():
    with pytest.raises(UsageError, match=r"^--neuron makes no sense for bearingpga"):
        zoo.designed("bearingpga", {"neuron": NEURONS["quadratic"]})


@pytest.mark.parametrize(
    ("kind", "name", "exchanged", "bias"),
    [("inner product", "wdcnn", "wdcnn", "bias"), ("quadratic", "ticnn", "qcnn", "bias_b")],
)
def test_special_cases_give_the_same_integers(kind, name, exchanged, bias):
    module, network = grown(name, NEURONS[kind])
    design = zoo.designed(exchanged, {"window": 1024})
    other = design.module(1, 3, design.recipe("default").student).double().eval()
    other.load_state_dict(
        {published(key, bias): value for key, value in module.state_dict().items()}
    )
    same_one = design.network(other, 1, tuple("abc"), 1.0, 12e3)
    task = Task(tuple("abc"), 1.0, None)
    x = 0.5 * np.random.default_rng(1).standard_normal((20, 1024))
    made = [
        calibrate(passes.canonical(each), x, Precision(), task).model.to_json()
        for each in (replace(network, name="x"), replace(same_one, name="x"))
    ]
    assert made[0] == made[1]


def published(key, bias):
    """Return the name that a tensor has in a layer that has no other neurons."""
    for ours, theirs in {
        ".pure_layers.ord_1.weight": ".weight",
        ".pure_layers.ord_2.weight": ".weight_b",
        ".int_layers.ord_2.0.": ".r.",
        ".int_layers.ord_2.1.": ".g.",
        "global_bias": bias,
    }.items():
        key = key.replace(ours, theirs)
    for part in "rg":
        for end in ("weight", "bias"):
            key = key.replace(f".{part}.{end}", f".{end}_{part}")
    return key


ALL = NEURONS | {
    "of many": Neuron((1, 2), (2, 3, 4)),
    "shared, of two orders": Neuron((1,), (2, 3), 4),
    "one product of three": Neuron((), (3,)),
}


@pytest.mark.parametrize("kind", ALL)
def test_all_become_integers_whose_steps_fit(kind):
    """Products that are added meet in steps that are powers of two apart."""
    _, network = grown("wdcnn", ALL[kind])
    x = 0.5 * np.random.default_rng(1).standard_normal((20, 1024))
    task = Task(tuple("abc"), 1.0, None)
    made = calibrate(passes.canonical(network), x, Precision(), task).model
    exact = network.run(x)
    found = judged(made, digitise(x, made.bits)) * made.graph.nodes[-1].op.output.scale
    assert np.std(found - exact) < 0.35 * np.std(exact)
