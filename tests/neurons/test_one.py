"""One search: formulas that are known, restarts, and nothing to be found."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.neurons import one
from hwgen.neurons.one import Asked, searched
from hwgen.neurons.terms import Term
from hwgen.training.fit import Diverged

SMALL = Asked(order=3, rank=3, epochs=20)
POWER2, PRODUCT2 = Term(2, "power"), Term(2, "product")


@pytest.mark.parametrize("seed", range(4))
def test_a_known_formula(make, seed):
    found = searched(make(rows=500), Asked(order=4, rank=4, epochs=20), seed)
    assert found.terms == (POWER2, PRODUCT2)
    assert found.fit.loss < 1e-3
    assert found.restarts == 0


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        (lambda x: (x**3).sum(1), (Term(3, "power"),)),
        (lambda x: x[:, 0] * x[:, 1] * x[:, 2], (Term(3, "product"),)),
        (lambda x: x.sum(1), (Term(1, "power"),)),
    ],
)
def test_other_formulas(make, formula, terms):
    assert searched(make(formula), SMALL, 1).terms == terms


def test_inputs_far_from_their_zero_keep_it(make):
    found = searched(make(rows=500, low=0.0), SMALL, 0)
    assert found.terms == (POWER2, PRODUCT2)
    assert not found.scale.mean.any()


def test_xor_needs_a_product(make):
    found = searched(make(lambda x: np.where(x[:, 0] * x[:, 1] > 0, "a", "b")), SMALL, 0)
    assert found.terms == (PRODUCT2,)


def test_nothing_is_found_in_noise(make):
    rng = np.random.default_rng(0)
    found = searched(make(lambda x: rng.standard_normal(len(x))), SMALL, 0)
    assert (found.terms, found.fit, found.scale) == ((), None, None)


def test_the_same_seed_finds_the_same_weights(make):
    first, second = (searched(make(rows=200), SMALL, 5) for _ in range(2))
    assert first.terms == second.terms
    assert all((first.fit.weights[term] == second.fit.weights[term]).all() for term in first.terms)


@pytest.mark.parametrize("times", [1, 3])
def test_a_run_without_numbers_is_begun_again(make, monkeypatch, times):
    real, seeds, said = one.opened, [], []

    def wrong(*arguments, seed, **options):
        seeds.append(seed)
        if len(seeds) <= times:
            raise Diverged
        return real(*arguments, seed=seed, **options)

    monkeypatch.setattr(one, "opened", wrong)
    found = searched(make(rows=200), SMALL, 7, say=said.append)
    assert found.restarts == times
    assert len(set(seeds)) == len(seeds) == min(times + 1, one.ATTEMPTS)
    assert len(said) == times
    assert said[0] == "seed 7: the search's loss is no number; trying another start"
    if times == one.ATTEMPTS:
        assert said[-1] == "seed 7: the search's loss is no number; it has found nothing"
        assert found.terms == ()
    else:
        assert found.terms == (POWER2, PRODUCT2)
