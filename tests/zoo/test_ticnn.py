"""TICNN's first kernel is dropped at random in training, and whole behind it."""

from __future__ import annotations

import torch

from hwgen import zoo


def module(seed=3):
    design = zoo.designed("ticnn", {"window": 1024})
    torch.manual_seed(seed)
    return design.module(1, 4, design.recipe("default").student)


def first(net, times):
    """Return what the first convolution gives for an impulse in the middle, so many times."""
    x = torch.zeros(1, 1, 1024)
    x[0, 0, 512] = 1.0
    with torch.no_grad():
        return torch.stack([net.convolved(1, x)[0] for _ in range(times)])


def test_weights_are_dropped_in_training_at_rates_that_vary():
    net = module()
    net.conv1.bias.data.zero_()
    seen = first(net.train(), 200) != 0
    kept = seen.float().mean(dim=(1, 2)) / seen.any(dim=0).float().mean()
    assert kept.min() < 0.25
    assert kept.max() > 0.75
    assert abs(float(kept.mean()) - 0.5) < 0.08


def test_nothing_is_dropped_behind_it():
    net = module().eval()
    once, again = first(net, 2)
    assert torch.equal(once, again)
    x = torch.zeros(1, 1, 1024)
    x[0, 0, 512] = 1.0
    with torch.no_grad():
        assert torch.equal(once, net.conv1(x)[0])


def test_each_of_six_convolutions_is_used():
    net = module().train()
    net(torch.randn(8, 1024)).sum().backward()
    for k in range(1, 7):
        gradient = net.get_submodule(f"conv{k}").weight.grad
        assert gradient is not None
        assert gradient.abs().max() > 0
