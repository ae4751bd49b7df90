"""Fits of terms against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.neurons.fitted import constant, fitted
from hwgen.neurons.rows import Rows, rows_of, scale_of
from hwgen.neurons.terms import Term, applied
from hwgen.training.fit import Diverged

POWER1, POWER2, PRODUCT2 = Term(1, "power"), Term(2, "power"), Term(2, "product")


def halves(table) -> tuple[Rows, Rows]:
    scale = scale_of(table, np.arange(300))
    return rows_of(table, np.arange(300), scale), rows_of(table, np.arange(300, 400), scale)


def test_the_power_1_is_least_squares(make):
    rows, held = halves(make(lambda x: x[:, 0] - 2 * x[:, 1] + x[:, 2] ** 2, low=1.0))
    fit = fitted(rows, held, (POWER1,), 4, seed=0)
    x = np.column_stack([rows.x.numpy(), np.ones(300)])
    best, *_ = np.linalg.lstsq(x, rows.y.numpy()[:, 0], rcond=None)
    assert fit.plain(POWER1).numpy()[0] == pytest.approx(best[:-1], abs=2e-3)
    assert float(fit.bias) == pytest.approx(best[-1], abs=2e-3)


def test_powers_and_products_are_found_exactly(make):
    rows, held = halves(make())
    fit = fitted(rows, held, (POWER2, PRODUCT2), 3, seed=0)
    assert fit.loss < 1e-4
    parts = sum(fit.part(term, held.x) for term in fit.terms)
    assert torch.allclose(fit.answers(held.x), parts + fit.bias)
    assert torch.allclose(
        fit.part(PRODUCT2, held.x), applied(PRODUCT2, held.x, fit.weights[PRODUCT2])
    )


def test_the_constant_is_the_mean_or_how_frequent_classes_are(make):
    rows, held = halves(make())
    assert constant(rows, held).loss == pytest.approx(float(held.y.square().mean()), rel=0.1)
    rows, held = halves(make(lambda x: np.where(x[:, 0] > 1, "a", "b")))
    answers = constant(rows, held).answers(held.x)
    shares = torch.softmax(answers[0], 0).numpy()
    assert shares[1] == pytest.approx(float((rows.y == 1).double().mean()), abs=0.01)


def test_a_start_is_kept_where_the_terms_are_the_same(make):
    rows, held = halves(make())
    first = fitted(rows, held, (POWER2, PRODUCT2), 3, seed=0)
    again = fitted(rows, held, (POWER2, PRODUCT2), 3, seed=5, start=first)
    assert again.loss <= first.loss
    less = fitted(rows, held, (POWER2,), 3, seed=5, start=first, enough=lambda _: True)
    assert less.terms == (POWER2,)


def test_what_is_no_number(make):
    rows, held = halves(make())
    held.x[:] = torch.nan
    with pytest.raises(Diverged):
        fitted(rows, held, (POWER1,), 2, seed=0)
