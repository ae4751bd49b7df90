"""Training with gates: which stay open, and what is no number."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.neurons import gated, gates
from hwgen.neurons.gated import Gated, opened
from hwgen.neurons.rows import Rows, rows_of, scale_of
from hwgen.neurons.terms import Term, candidates
from hwgen.training.fit import Diverged


def rows_for(table) -> Rows:
    part = np.arange(len(table.x))
    return rows_of(table, part, scale_of(table, part))


def test_the_gates_of_what_is_not_in_the_data_shut(make):
    rows = rows_for(make(lambda x: (x**2).sum(1), rows=600))
    found = opened(rows, candidates(3), 3, seed=1, epochs=100)
    assert Term(2, "power") in found.terms
    assert found.chances[Term(2, "power")] > 0.9
    assert len(found.terms) < len(candidates(3))
    again = opened(rows, candidates(3), 3, seed=1, epochs=100)
    assert again.chances == found.chances


def test_all_parameters_are_in_the_optimiser_once():
    model = Gated(candidates(3), 4, 2, 3, torch.Generator().manual_seed(0))
    grouped = [each for group in model.groups() for each in group["params"]]
    assert len(grouped) == len({id(each) for each in grouped})
    assert {id(each) for each in grouped} == {id(each) for each in model.parameters()}


def test_a_shut_gate_takes_its_term_away():
    model = Gated((Term(1, "power"), Term(2, "product")), 4, 2, 3,
                  torch.Generator().manual_seed(0)).eval()  # fmt: skip
    x = torch.randn(5, 4, dtype=torch.float64)
    shut = model(x, torch.zeros(2, dtype=torch.float64))
    assert torch.equal(shut, model.bias.expand(5, 2))
    assert not torch.allclose(model(x, torch.tensor([0.0, 1.0], dtype=torch.float64)), shut)


def test_the_penalty_begins_late_and_becomes_whole():
    shares = [gated._penalty(done) for done in (0, 0.25, 0.5, 0.75, 1)]
    assert shares == [0, 0, pytest.approx(0.025), 0.05, 0.05]
    assert gates.OPENED > -gates.SHIFT


def test_a_loss_that_is_no_number(make):
    rows = rows_for(make(rows=60))
    rows.x[3, 2] = torch.inf
    with pytest.raises(Diverged):
        opened(rows, candidates(2), 2, seed=0, epochs=2)


def test_progress_is_told_once_an_epoch(make):
    told = []
    opened(rows_for(make(rows=60)), candidates(2), 2, seed=0, epochs=5,
           progress=lambda: told.append(1))  # fmt: skip
    assert len(told) == 5
