"""Terms against plain loops."""

from __future__ import annotations

import itertools

import pytest
import torch

from hwgen.network.neuron import Neuron
from hwgen.neurons.terms import Term, candidates, check_rank, drawn, neuron_of, product, terms_of


def test_all_terms_up_to_an_order():
    assert [term.formula for term in candidates(3)] == [
        "power 1", "power 2", "power 3", "product 2", "product 3",
    ]  # fmt: skip
    assert candidates(1) == (Term(1, "power"),)


@pytest.mark.parametrize("order", [0, 9])
def test_an_order_out_of_range(order):
    with pytest.raises(ValueError, match=f"order must be from 1 to 8, not {order}"):
        candidates(order)


def test_a_rank_out_of_range():
    assert check_rank(64) == 64
    with pytest.raises(ValueError, match="not 65"):
        check_rank(65)


def test_terms_and_neurons_are_the_same_thing():
    neuron = Neuron((1, 3), (2, 4))
    assert neuron_of(reversed(terms_of(neuron))) == neuron
    assert neuron_of([Term(2, "product")], rank=3) == Neuron((), (2,), 3)
    assert neuron_of([Term(2, "power")], rank=3) == Neuron((2,))


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_product_is_the_sum_over_all_inputs_that_are_not_all_the_same(order):
    generator = torch.Generator().manual_seed(order)
    factors = torch.randn((order, 2, 3, 4), generator=generator, dtype=torch.float64)
    x = torch.randn((5, 4), generator=generator, dtype=torch.float64)
    expected = torch.zeros(5, 3, dtype=torch.float64)
    for inputs in itertools.product(range(4), repeat=order):
        if len(set(inputs)) == 1:
            continue
        for rank, output in itertools.product(range(2), range(3)):
            one = torch.ones(5, dtype=torch.float64)
            for factor, number in enumerate(inputs):
                one = one * factors[factor, rank, output, number] * x[:, number]
            expected[:, output] += one
    assert torch.allclose(product(x, factors), expected)


def test_what_a_product_begins_with_has_a_size():
    x = torch.randn((4000, 9), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for order in (2, 5):
        weight = drawn(Term(order, "product"), 8, 1, 9, 1.0, torch.Generator().manual_seed(1))
        assert 0.2 < float(product(x, weight).std()) < 5
