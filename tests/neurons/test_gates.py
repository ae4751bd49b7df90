"""Hard concrete gates against what the paper says of their distribution."""

from __future__ import annotations

import math

import pytest
import torch

from hwgen.neurons import gates


@pytest.mark.parametrize("log_alpha", [-3.0, -1.583, 0.0, 2.2])
def test_a_gate_is_shut_as_often_as_its_closed_form_says(log_alpha):
    drawn = gates.drawn(torch.full((200_000,), log_alpha), torch.Generator().manual_seed(1))
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    open_share = float((drawn > 0).double().mean())
    # (12): P(z != 0) = sigmoid(log alpha - tau log(-low / high))
    expected = 1 / (1 + math.exp(-(log_alpha - 0.66 * math.log(0.1 / 1.1))))
    assert open_share == pytest.approx(expected, abs=0.004)
    assert float(gates.chance(torch.tensor(log_alpha))) == pytest.approx(expected, rel=1e-6)


def test_a_gate_without_chance():
    found = gates.settled(torch.tensor([-10.0, 0.0, 10.0], dtype=torch.float64))
    assert found.tolist() == [0.0, pytest.approx(0.5), 1.0]


def test_it_begins_open_with_nine_of_ten():
    assert torch.sigmoid(torch.tensor(gates.OPENED)).item() == pytest.approx(0.9)


def test_it_has_a_gradient():
    log_alpha = torch.zeros(1000, dtype=torch.float64, requires_grad=True)
    gates.drawn(log_alpha, torch.Generator().manual_seed(0)).sum().backward()
    assert log_alpha.grad is not None
    assert log_alpha.grad.min() >= 0
    assert log_alpha.grad.max() > 0
