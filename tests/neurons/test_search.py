"""The search over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.network.neuron import Neuron
from hwgen.neurons import search as module
from hwgen.neurons.one import Asked, Found
from hwgen.neurons.search import formula, search, with_rank
from hwgen.neurons.terms import Term

SMALL = Asked(order=2, rank=3, epochs=10)
POWER1, POWER2, PRODUCT2 = Term(1, "power"), Term(2, "power"), Term(2, "product")


def test_a_known_formula_over_seeds(make):
    said, told = [], []
    found = search(make(), SMALL, seed=3, seeds=3, say=said.append,
                   progress=lambda *done: told.append(done))  # fmt: skip
    assert found.neuron == Neuron((2,), (2,))
    assert (found.times, found.rows) == (3, (320, 80))
    assert said == [f"seed {seed}: w2 x^2 + (u1 x)(u2 x) + b" for seed in (3, 4, 5)]
    assert {str(each) for each in found.terms} == {"1 x1*x2", "1 x3^2"}
    assert found.scores["found"].loss < 1e-3
    assert found.scores["linear"].loss > 0.5
    assert found.scores["found"].parameters == 1 + 4 + 2 * 3 * 4
    assert found.scores["linear"].parameters == 5
    assert told == sorted(told)
    assert told[-1] == (45, 45)
    value = found.to_json()
    assert (value["times"], value["of"], len(value["seeds"])) == (3, 3, 3)


def given(monkeypatch, table, *terms):
    """Let the seeds find what is given."""
    every = iter(terms)
    found = module.searched(table, SMALL, 0)

    def one(table, asked, seed, **options):
        return Found(seed, next(every), found.by_gates, found.fit, found.scale)

    monkeypatch.setattr(module, "searched", one)


@pytest.mark.parametrize(
    ("seeds", "winner", "times"),
    [
        (((POWER1,), (POWER1, POWER2), (POWER1,)), Neuron((1,)), 2),
        (((POWER1, POWER2), (POWER1,)), Neuron((1,)), 1),
        (((), (POWER1,), ()), None, 2),
        (((), (POWER2, PRODUCT2)), Neuron((2,), (2,)), 1),
        (((POWER2, PRODUCT2), (POWER2,), (POWER2, PRODUCT2)), Neuron((2,), (2,)), 2),
    ],
)
def test_what_comes_out_most_often(make, monkeypatch, seeds, winner, times):
    table = make(rows=60)
    given(monkeypatch, table, *seeds)
    monkeypatch.setattr(module, "largest", lambda *_: [])
    found = search(table, SMALL, seed=0, seeds=len(seeds))
    assert found.neuron == winner
    assert (found.times, len(found.found)) == (times, len(seeds))
    assert bool(found.scores) == (winner is not None)


def test_classes_have_an_f1(make):
    table = make(lambda x: np.where(x[:, 0] * x[:, 1] > 0, "a", "b"))
    found = search(table, SMALL, seed=0, seeds=1)
    assert found.neuron == Neuron((), (2,))
    assert found.scores["found"].f1 > 0.9
    assert found.scores["linear"].f1 < 0.7


def test_rows_beyond_the_most_are_left_out_and_said(make, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 100)
    said = []
    found = search(make(rows=400), SMALL, seed=0, seeds=1, say=said.append)
    assert found.rows == (100, 80)
    assert said[0].startswith("searched: 100 of 320 rows, by chance")


def test_what_memory_does_not_hold_is_refused(make):
    table = make(lambda x: np.array([f"c{n % 60}" for n in range(len(x))]), rows=600)
    with pytest.raises(UsageError, match=r"--order 8 and --rank 64 with 60 classes .*lower --rank"):
        search(table, Asked(order=8, rank=64), seed=0, seeds=1)


def test_the_form_with_shared_products():
    assert with_rank(Neuron((2,), (2,)), 8) == Neuron((2,), (2,), 8)
    assert with_rank(Neuron((2,)), 8) == Neuron((2,))
    assert with_rank(Neuron((2,), (2,)), None) == Neuron((2,), (2,))
    assert formula(()) == "nothing"
