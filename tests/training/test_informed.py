"""Losses of filters: what they are of known signals, their gradients, weights that learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import signal
from torch import nn

from hwgen.training.informed import (
    CUT,
    Filters,
    Uncertain,
    envelope_spectrum,
    kurtosis,
    physics_informed,
    spread,
)
from hwgen.training.losses import plain_objective

SAMPLES = 512


def noise(count=6, seed=1):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((count, 1, SAMPLES)))


def impulses(count=6):
    """Return a resonance that is struck every 64 samples, with a little noise."""
    struck = np.zeros(SAMPLES)
    struck[7::64] = 1.0
    ring = np.exp(-np.arange(40) / 6) * np.sin(np.arange(40) * 1.1)
    x = np.convolve(struck, ring)[:SAMPLES] + np.zeros((count, 1, SAMPLES))
    return torch.from_numpy(x) + 0.01 * noise(count)


def test_kurtosis_is_the_textbooks_without_the_ends():
    x = noise()
    inner = x.numpy()[..., CUT:-CUT]
    centred = inner - inner.mean(axis=-1, keepdims=True)
    expected = np.mean(centred**4, axis=-1) / np.mean(centred**2, axis=-1) ** 2
    np.testing.assert_allclose(kurtosis(x).numpy(), expected)
    loud = x.clone()
    loud[..., :CUT] = 100.0
    loud[..., -CUT:] = -100.0
    assert torch.equal(kurtosis(x), kurtosis(loud))


@pytest.mark.parametrize("samples", [SAMPLES, SAMPLES - 1])
def test_the_envelope_is_that_of_the_analytic_signal(samples):
    x = noise()[..., :samples]
    envelope = np.abs(signal.hilbert(x.numpy(), axis=-1))
    envelope -= envelope.mean(axis=-1, keepdims=True)
    expected = np.abs(np.fft.rfft(envelope))[..., 1:]
    np.testing.assert_allclose(envelope_spectrum(x).numpy(), expected, rtol=1e-6, atol=1e-6)


def test_impulses_have_more_kurtosis_and_less_spread_than_noise():
    assert kurtosis(noise()).max() < 4
    assert kurtosis(impulses()).min() > 10
    assert spread(noise()).min() > 0.5
    assert spread(impulses()).max() < 0.4


def test_what_is_spread_evenly_has_one():
    """An envelope of one short pulse has all of its bins alike."""
    x = torch.zeros(1, 1, SAMPLES, dtype=torch.float64)
    x[..., 100] = 1.0
    assert float(spread(x)) < 1.0
    power = torch.ones(255, dtype=torch.float64)
    assert float(power.sum() / power.square().sum().sqrt() / 255**0.5) == pytest.approx(1.0)


@pytest.mark.parametrize("loss", [kurtosis, spread])
def test_gradients_are_those_of_finite_differences(loss):
    x = noise(1)[..., :128].requires_grad_()
    assert torch.autograd.gradcheck(lambda each: loss(each).mean(), (x,), eps=1e-6, atol=1e-5)
    loss(x).mean().backward()
    assert x.grad is not None
    assert x.grad.abs().max() > 1e-4


@pytest.mark.parametrize("loss", [kurtosis, spread])
def test_a_window_of_zeros_has_a_finite_gradient(loss):
    x = torch.zeros(1, 1, SAMPLES, requires_grad=True)
    loss(x).mean().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()


def test_a_filter_learns_to_pick_impulses_out_of_noise():
    """Blind deconvolution by kurtosis and spread alone, which in the published code cannot be."""
    torch.manual_seed(0)
    x = impulses(16).float() + 0.25 * noise(16, seed=3).float()
    conv = nn.Conv1d(1, 1, 31, padding=15, bias=False)
    with torch.no_grad():
        conv.weight.zero_()
        conv.weight[..., 15] = 1.0
    filters = Filters(None, conv)
    before = spread(filters(x)).mean()
    optimizer = torch.optim.Adam(filters.parameters(), 0.01)
    for _ in range(60):
        filters(x)
        filters.informed(torch.tensor(1.0)).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert spread(filters(x)).mean() < 0.9 * before


def test_weights_are_one_over_each_loss_where_they_have_learned():
    uncertain = Uncertain(("a", "b"))
    losses = {"a": torch.tensor(4.0), "b": torch.tensor(0.25)}
    assert uncertain(losses).item() == pytest.approx((4.0 + 0.25) / 2)
    optimizer = torch.optim.SGD(uncertain.parameters(), 0.5)
    for _ in range(200):
        uncertain(losses).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert uncertain.weights() == pytest.approx({"a": 0.25, "b": 4.0}, rel=1e-3)
    expected = (1 + math.log(4.0) + 1 + math.log(0.25)) / 2
    assert uncertain(losses).item() == pytest.approx(expected, abs=1e-4)


class Small(nn.Module):
    """Two filters and a network of one layer."""

    def __init__(self):
        super().__init__()
        time, frequency = (nn.Conv1d(1, 1, 9, padding=4) for _ in range(2))
        self.front = Filters(time, frequency)
        self.net = nn.Linear(SAMPLES, 3)

    def forward(self, x):
        return self.net(self.front(x.unsqueeze(1))[:, 0])


def test_every_weight_has_a_gradient_from_each_loss_that_it_has_a_part_in():
    torch.manual_seed(2)
    model, x = Small().train(), noise(6)[:, 0].float()
    labels = torch.arange(6) % 3
    objective = physics_informed(plain_objective)
    value = objective(model, x, labels, 1)
    value.backward()
    assert all(each.grad.abs().max() > 0 for each in model.parameters())
    assert model.front.uncertain.names == ("kurtosis", "envelope", "classes")
    # Of the classes' weight nothing: what is left is the filters' own.
    model.zero_grad()
    with torch.no_grad():
        model.front.uncertain.log_variances[2] = 60.0
    objective(model, x, labels, 1).backward()
    assert model.net.weight.grad.abs().max() < 1e-20
    assert model.front.time.weight.grad.abs().max() > 1e-6
    assert model.front.frequency.weight.grad.abs().max() > 1e-6


def test_the_whole_loss_is_the_sum_of_its_parts():
    torch.manual_seed(2)
    model, x = Small().train(), noise(6)[:, 0].float()
    labels = torch.arange(6) % 3
    found = physics_informed(plain_objective)(model, x, labels, 1).item()
    filtered = model.front.time(x.unsqueeze(1))
    parts = (
        (3 / kurtosis(filtered)).mean(),
        spread(model.front.frequency(filtered)).mean(),
        nn.functional.cross_entropy(model(x), labels),
    )
    assert found == pytest.approx(sum(each.item() for each in parts) / 3, rel=1e-5)


def test_nothing_is_kept_where_nothing_is_trained():
    model = Small().eval()
    model(noise(2)[:, 0].float())
    assert model.front._given == {}
