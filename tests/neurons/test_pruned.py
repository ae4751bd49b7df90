"""Terms come and go by what held rows miss."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.neurons.pruned import Judge, grown, lowered, pruned
from hwgen.neurons.rows import rows_of, scale_of
from hwgen.neurons.terms import Term, candidates

POWER1, POWER2, PRODUCT2, PRODUCT3 = (
    Term(1, "power"), Term(2, "power"), Term(2, "product"), Term(3, "product"),
)  # fmt: skip


@pytest.fixture
def judge(make):
    def made(*arguments, **options) -> Judge:
        table = make(*arguments, **options)
        scale = scale_of(table, np.arange(300))
        parts = np.arange(300), np.arange(300, 400)
        return Judge(*(rows_of(table, part, scale) for part in parts), rank=3, seed=0)

    return made


def test_terms_that_are_not_missed_go(judge):
    of = judge()
    fit = pruned(of, of.fit(candidates(3)))
    assert set(fit.terms) == {POWER2, PRODUCT2}
    assert fit.loss < 1e-3


def test_terms_come_as_long_as_they_help(judge):
    of = judge()
    assert set(grown(of, candidates(2)).terms) == {POWER2, PRODUCT2}
    assert grown(judge(lambda x: x[:, 0] * x[:, 1] * x[:, 2]), candidates(3)).terms == (PRODUCT3,)


def test_nothing_grows_where_there_is_nothing(judge):
    rng = np.random.default_rng(0)
    of = judge(lambda x: rng.standard_normal(len(x)))
    fit = grown(of, candidates(3))
    assert fit.terms == ()
    assert not of.useful(fit)


def test_a_lower_term_stands_in_for_a_higher_one(judge):
    of = judge(lambda x: 3 * x[:, 0] - x[:, 1])
    high = of.fit((POWER1, POWER2))
    found = lowered(of, of.fit((POWER1,)), high)
    assert found.terms == (POWER1,)
    of = judge(lambda x: (x**2).sum(1))
    odd = of.fit((Term(4, "power"),))
    assert lowered(of, odd, odd).terms == (POWER2,)


def test_what_is_within_a_standard_error_is_as_good(judge):
    of = judge(lambda x: x[:, 0])
    good, bad = of.fit((POWER1,)), of.fit((POWER2,))
    assert of.as_good(good, bad)
    assert of.as_good(good, good)
    assert not of.as_good(bad, good)
    assert of.useful(good)
    assert not of.useful(bad)
