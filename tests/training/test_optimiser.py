"""Steps and rates, and what an average of weights is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from hwgen.training import RECIPES
from hwgen.training.average import WeightAverage
from hwgen.training.optimiser import Stepper, learning_rate
from hwgen.training.recipe import Averaging, Optimisation
from hwgen.zoo._quadratic import QuadraticConv1d
from hwgen.zoo.bearingpga import BearingPGA, BearingPGANet

PUBLISHED = RECIPES["published"].student


def stepped(plan, gradients):
    """Return the weight, at first 0, after each step with a given gradient."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    stepper = Stepper(model, plan, len(gradients))
    weights = []
    for number, gradient in enumerate(gradients):
        model.weight.grad = torch.tensor([[gradient]])
        stepper.step(number)
        assert model.weight.grad is None
        weights.append(model.weight.item())
    return weights


GRADIENTS = [1.0, -0.5, 2.0, 0.25]


def test_a_renewed_optimiser_has_neither_momentum_nor_decay_of_the_rate():
    expected = -0.1 * np.cumsum(GRADIENTS)
    np.testing.assert_allclose(stepped(PUBLISHED, GRADIENTS), expected, rtol=1e-6)


def test_one_that_is_kept_has_both():
    plan = dataclasses.replace(PUBLISHED, renewed=False)
    weight, velocity, expected = 0.0, 0.0, []
    for k, gradient in enumerate(GRADIENTS):
        velocity = 0.9 * velocity + gradient
        rate = 1e-8 + (0.1 - 1e-8) * (1 + np.cos(np.pi * k / 4)) / 2
        weight -= rate * velocity
        expected.append(weight)
    np.testing.assert_allclose(stepped(plan, GRADIENTS), expected, rtol=1e-6)


def test_the_learning_rate_rises_then_falls():
    rates = [learning_rate(k / 1000, Optimisation(1)) for k in range(1001)]
    peak = int(np.argmax(rates))
    assert 0 < rates[0] < 0.05
    assert 40 <= peak <= 60
    assert rates[peak] == pytest.approx(1.0, abs=0.01)
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)
    assert all(np.diff(rates[peak:]) < 0)


def test_adam_steps_suit_the_size_of_the_first_layer():
    model = BearingPGANet(BearingPGA(window=256), 4)
    before = {key: value.clone() for key, value in model.named_parameters()}
    plan = Optimisation(1, warm_up=0.0, weight_decay=0.0)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    Stepper(model, plan, 10).step(0)
    moved = {k: (before[k] - v).abs().mean().item() for k, v in model.named_parameters()}
    assert moved["fc1.weight"] == pytest.approx(3e-3, rel=1e-3)
    assert moved["conv1.weight"] == pytest.approx(16 * 3e-3, rel=1e-3)


def test_quadratic_terms_learn_slower_and_do_not_decay():
    torch.manual_seed(1)
    model = QuadraticConv1d(2, 3, 5)
    before = {key: value.clone() for key, value in model.named_parameters()}
    plan = Optimisation(1, warm_up=0.0, weight_decay=0.5, relinear=0.1)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    Stepper(model, plan, 10).step(0)
    moved = {k: (before[k] - v).abs() for k, v in model.named_parameters()}
    for part in "gb":
        for kind in ("weight", "bias"):
            assert moved[f"{kind}_{part}"].mean().item() == pytest.approx(3e-4, rel=1e-3)
    decayed = 3e-3 + 3e-3 * 0.5 * before["weight_r"]
    torch.testing.assert_close(moved["weight_r"], decayed.abs(), rtol=1e-3, atol=1e-6)


def test_a_quadratic_layer_begins_as_a_convolution():
    layer, x = QuadraticConv1d(2, 3, 5, 2, 1), torch.randn(4, 2, 16)
    plain = functional.conv1d(x, layer.weight_r, layer.bias_r, 2, 1)
    torch.testing.assert_close(layer(x), plain)


def averaged(averaging, values):
    model = nn.BatchNorm1d(1)
    average = WeightAverage(averaging)
    for value in values:
        nn.init.constant_(model.weight, value)
        model.running_mean.fill_(2 * value)
        model.num_batches_tracked.fill_(int(value))
        average.add(model)
    assert average.count == len(values)
    return {key: value.item() for key, value in average.state.items()}


def test_an_equal_average_is_the_mean_of_weights_and_buffers():
    state = averaged(Averaging(0.5), [1.0, 2.0, 6.0])
    assert state["weight"] == pytest.approx(3.0)
    assert state["running_mean"] == pytest.approx(6.0)
    assert state["num_batches_tracked"] == 6


def test_a_moving_average_starts_as_a_mean_and_then_forgets():
    state = averaged(Averaging(0.0, 0.75), [1.0, 2.0, 3.0, 4.0, 9.0, 9.0])
    # Four values have weights of 1, 1/2, 1/3, 1/4; from then on 1/4.
    assert state["weight"] == pytest.approx((2.5 * 0.75 + 9 * 0.25) * 0.75 + 9 * 0.25)
