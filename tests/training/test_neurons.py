"""Layers of task-driven neurons: what they compute, how they begin, what learns how fast."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from hwgen import zoo
from hwgen.errors import UsageError
from hwgen.network.neuron import Neuron, terms
from hwgen.training.neurons import NeuronConv1d, NeuronLinear, exchange, freeze, slowness
from hwgen.training.optimiser import Stepper
from hwgen.training.recipe import Optimisation
from hwgen.zoo._quadratic import QuadraticConv1d

CUBIC = Neuron((1, 3), (2, 3))


def shaken(layer):
    torch.manual_seed(2)
    for tensor in layer.parameters():
        tensor.data.add_(0.2 * torch.randn_like(tensor))
    return layer


def test_a_dense_layer_is_its_formula():
    layer = shaken(NeuronLinear(Neuron((1, 3), (2,)), 4, 3)).double()
    x = torch.randn(5, 4, dtype=torch.float64)
    state = layer.state_dict()
    w1, w3 = (state[f"pure_layers.ord_{k}.weight"] for k in (1, 3))
    (u1, c1), (u2, c2) = (
        (state[f"int_layers.ord_2.{m}.weight"], state[f"int_layers.ord_2.{m}.bias"]) for m in (0, 1)
    )
    wanted = x @ w1.T + x**3 @ w3.T + (x @ u1.T + c1) * (x @ u2.T + c2) + state["global_bias"]
    torch.testing.assert_close(layer(x), wanted)


def test_neurons_of_one_rank_share_products():
    layer = shaken(NeuronLinear(Neuron((1,), (3,), rank=2), 4, 3)).double()
    x, state = torch.randn(5, 4, dtype=torch.float64), layer.state_dict()
    shared = torch.ones(5, 2, dtype=torch.float64)
    for m in range(3):
        weight, bias = (state[f"int_layers.ord_3.{m}.{end}"] for end in ("weight", "bias"))
        shared = shared * (x @ weight.T + bias)
    wanted = x @ state["pure_layers.ord_1.weight"].T + shared @ state["mix_layers.ord_3.weight"].T
    torch.testing.assert_close(layer(x), wanted + state["global_bias"])


def test_a_quadratic_neuron_is_one_of_them():
    published = shaken(QuadraticConv1d(2, 3, 5, 2, 1))
    layer = NeuronConv1d(Neuron((2,), (2,)), 2, 3, 5, 2, 1)
    named = {"pure_layers.ord_2.weight": "weight_b", "global_bias": "bias_b"}
    for m, part in enumerate("rg"):
        for end in ("weight", "bias"):
            named[f"int_layers.ord_2.{m}.{end}"] = f"{end}_{part}"
    state = published.state_dict()
    layer.load_state_dict({key: state[name] for key, name in named.items()})
    x = torch.randn(4, 2, 20)
    torch.testing.assert_close(layer(x), published(x))


@pytest.mark.parametrize("neuron", [CUBIC, Neuron((1, 2), (2, 3, 4)), Neuron((1,), (2,))])
def test_it_begins_as_its_linear_part(neuron):
    layer, x = NeuronConv1d(neuron, 2, 3, 5, 2, 1), torch.randn(4, 2, 16)
    plain = functional.conv1d(x, layer.state_dict()["pure_layers.ord_1.weight"], None, 2, 1)
    torch.testing.assert_close(layer(x), plain)


@pytest.mark.parametrize("neuron", [Neuron((2,), (2,)), Neuron((), (3,))])
def test_without_one_it_begins_as_one_factor(neuron):
    layer, x = NeuronConv1d(neuron, 2, 3, 5), torch.randn(4, 2, 16)
    (order,), state = neuron.products, layer.state_dict()
    weight, bias = (state[f"int_layers.ord_{order}.0.{end}"] for end in ("weight", "bias"))
    torch.testing.assert_close(layer(x), functional.conv1d(x, weight, bias))


@pytest.mark.parametrize(
    "neuron", [CUBIC, Neuron((2,), (2,)), Neuron((), (4,)), Neuron((1,), (3,), 2)]
)
def test_every_tensor_learns(neuron):
    torch.manual_seed(1)
    layer = NeuronLinear(neuron, 4, 3)
    for _ in range(3):  # what begins at 0 is a factor of others' gradients
        layer(torch.randn(64, 4)).square().mean().backward()
        torch.optim.SGD(layer.parameters(), 0.01).step()
    before = {key: value.detach().clone() for key, value in layer.named_parameters()}
    layer.zero_grad()
    layer(torch.randn(64, 4)).square().mean().backward()
    for key in before:
        assert layer.get_parameter(key).grad.abs().max() > 0, key


def test_higher_powers_learn_slower_and_do_not_decay():
    model = nn.Sequential(NeuronLinear(Neuron((1, 3), (2,)), 4, 3))
    plan = Optimisation(1, warm_up=0.0, weight_decay=0.0, relinear=0.1)
    before = {key: value.detach().clone() for key, value in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    Stepper(model, plan, 10).step(0)
    moved = {k: (before[k] - v).abs().mean().item() for k, v in model.named_parameters()}
    rates = {"0.pure_layers.ord_1.weight": 3e-3, "0.pure_layers.ord_3.weight": 3e-5,
             "0.int_layers.ord_2.1.weight": 3e-4, "0.global_bias": 3e-3}  # fmt: skip
    for key, rate in rates.items():
        assert moved[key] == pytest.approx(rate, rel=2e-3), key


def test_slowness_goes_by_names():
    assert slowness("conv1.weight_g") == slowness("conv1.bias_b") == 1
    assert slowness("conv1.pure_layers.ord_5.weight") == 4
    assert slowness("conv1.weight") == slowness("conv1.weight_r") == 0


def test_grouped_convolutions_stay():
    module = nn.Sequential(nn.Conv1d(1, 4, 3, 2, 1), nn.Conv1d(4, 4, 3, groups=4))
    assert exchange(module, CUBIC) == 1
    assert isinstance(module[0], NeuronConv1d)
    assert module(torch.randn(2, 1, 20)).shape == (2, 4, 8)


def test_published_names_without_biases_are_read():
    layer = shaken(NeuronLinear(CUBIC, 4, 3))
    state = {f"layers.0.{key}": value.numpy() for key, value in layer.state_dict().items()}
    some = {key: value for key, value in state.items() if not key.endswith(".bias")}
    found = terms(some, "layers.0")
    assert list(found.powers) == [1, 3]
    assert [len(found.products[order]) for order in (2, 3)] == [2, 3]
    assert not any(bias.any() for factors in found.products.values() for _, bias in factors)
    np.testing.assert_array_equal(found.bias, state["layers.0.global_bias"])


def test_frozen_normalisations_keep_gain_and_offset():
    design = zoo.designed("qcnn16", {"batchnorm": "frozen", "window": 1024})
    plan = design.recipe("default").student
    module = design.trained(1, 3, plan)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    functional.cross_entropy(module(torch.randn(8, 1024)), torch.arange(8) % 3).backward()
    Stepper(module, plan, 10).step(0)
    same = {key for key, value in module.state_dict().items() if torch.equal(value, before[key])}
    assert same == {f"bn{k}.{end}" for k in range(1, 7) for end in ("weight", "bias")}
    assert freeze(nn.Linear(2, 2)) == 0


def test_the_share_of_higher_terms_is_the_users():
    assert zoo.designed("qcnn", {"relinear": 0.03}).recipe("mixed").student.relinear == 0.03
    assert zoo.designed("wdcnn", {"neuron": CUBIC}).recipe("default").student.relinear == 0.1
    conventional = zoo.designed("wdcnn", {"relinear": 0.03})
    with pytest.raises(UsageError, match=r"^--relinear makes no sense for wdcnn, whose neurons"):
        conventional.recipe("default")
    design = zoo.designed("lenet1d", {"batchnorm": "frozen"})
    plan = design.recipe("default").student
    with pytest.raises(UsageError, match=r"^--batchnorm makes no sense for lenet1d: it has no"):
        design.trained(1, 3, plan)
