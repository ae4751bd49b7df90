"""The largest terms by name, in the table's units."""

from __future__ import annotations

import numpy as np

from hwgen.neurons.fitted import fitted
from hwgen.neurons.rows import rows_of, scale_of
from hwgen.neurons.table import Table
from hwgen.neurons.terms import Term
from hwgen.neurons.told import largest


def told(table: Table, *terms: Term, uncentred: bool = False) -> list[str]:
    train, held = np.arange(300), np.arange(300, 400)
    scale = scale_of(table, train)
    scale = scale.uncentred if uncentred else scale
    rows = (rows_of(table, part, scale) for part in (train, held))
    return [str(each) for each in largest(table, fitted(*rows, terms, 3, seed=0), scale)]


def test_a_known_formula(make):
    table = make(lambda x: 3 * x[:, 0] * x[:, 1] - 2 * x[:, 2] ** 2)
    assert told(table, Term(2, "power"), Term(2, "product")) == ["3 x1*x2", "-2 x3^2"]


def test_a_product_of_order_3_with_a_square(make):
    table = make(lambda x: 4 * x[:, 0] * x[:, 1] ** 2 + 2 * x[:, 0] * x[:, 1] * x[:, 2])
    assert told(table, Term(3, "product")) == ["4 x1*x2^2", "2 x1*x2*x3"]


def test_means_that_are_taken_off_are_told(make):
    (found,) = told(make(lambda x: 5 * x[:, 0], low=3.0), Term(1, "power"))
    assert found.startswith("5 (x1 - 3.")
    table = make(lambda x: 5 * x[:, 0] ** 2, low=3.0)
    (found,) = told(table, Term(2, "power"), uncentred=True)
    assert found in {"5 x1^2", "4.99 x1^2"}


def test_classes_are_named(make):
    table = make(lambda x: np.where(x[:, 0] * x[:, 1] > 0, "a", "b"))
    first, *_ = told(table, Term(2, "product"))
    assert "x1*x2" in first
    assert first.endswith((" (a)", " (b)"))
