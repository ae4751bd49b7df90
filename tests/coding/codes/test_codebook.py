from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding.codes.codebook import Codebook, fit, lloyd
from hwgen.coding.matrix import error
from hwgen.errors import InputError


@pytest.mark.parametrize("width", [1, 4, 8])
@pytest.mark.parametrize("tables", [1, 3])
def test_all_words(width, tables):
    rng = np.random.default_rng(0)
    table = rng.integers(-128, 128, (tables, 1 << width))
    words = np.tile(np.arange(1 << width), 3)
    coded = Codebook((3, 1 << width), words, np.ones(3, np.int64), width, table)
    for row in range(3):
        for word in range(1 << width):
            assert coded.decode()[row, word] == table[row if tables == 3 else 0][word]


@pytest.mark.parametrize("shape", [(2, 16), (1, 15), (16,), (3, 17)])
def test_a_table_of_another_shape(shape):
    with pytest.raises(InputError, match="table must have the shape"):
        Codebook((3, 1), np.zeros(3, np.int64), np.ones(1, np.int64), 4, np.zeros(shape, np.int64))


@pytest.mark.parametrize(("width", "most"), [(3, 0.255), (4, 0.13), (5, 0.087)])
def test_the_error_on_the_published_network(published, width, most):
    weights = published["fc1"]
    assert 0.6 * most < error(weights, fit(weights, width=width).real) < most


def test_tables_of_rows_are_nearer_and_cost_more(published):
    one, rows = (fit(published["fc1"], tables=tables) for tables in ("one", "rows"))
    assert error(published["fc1"], rows.real) < error(published["fc1"], one.real)
    assert rows.bits == one.bits + 9 * 16 * 8


def test_the_table_is_that_of_max():
    # Max, "Quantizing for minimum distortion", 1960, table I: any levels for a normal density.
    values = np.random.default_rng(0).standard_normal(40_000)
    for entries, least in ((2, 0.3634), (4, 0.1175), (8, 0.03454), (16, 0.009497)):
        table = lloyd(values, entries)
        nearest = np.abs(values[:, None] - table).min(axis=1)
        assert abs((nearest**2).mean() / least - 1) < 0.03, entries


def test_few_values_have_an_entry_each():
    weights = np.array([[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, -4.0]])
    assert np.allclose(fit(weights, width=4).real, weights, rtol=0.01)
