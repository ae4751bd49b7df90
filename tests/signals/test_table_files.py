"""Checks of a table's cells, shared by rows as windows and by fitted neurons."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals.table_files import check_finite, check_length, class_names, has_classes

X = np.arange(60.0).reshape(20, 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e31])
def test_numbers_that_are_none(bad):
    x = X.copy()
    x[3, 1] = bad
    told = r"t.csv: column b\\x1b must have a finite number in every row, not .* in row 4 \(1 rows"
    with pytest.raises(InputError, match=told):
        check_finite("t.csv", x, ("a", "b\x1b", "c"))
    check_finite("t.csv", X, ("a", "b", "c"))


def test_rows_of_two_lengths():
    check_length("t.npz", X, range(20))
    with pytest.raises(InputError, match="the same number of rows, not 20 and 19"):
        check_length("t.npz", X, range(19))


@pytest.mark.parametrize("none", ["", "  ", float("nan"), "nan"])
def test_a_row_without_a_class(none):
    with pytest.raises(InputError, match="column y must have a class in every row, not nothing in "
                       "row 2"):  # fmt: skip
        class_names("t.csv", ["a", none, "b"], "y")


def test_names_of_classes():
    assert class_names("t.csv", [1.0, " a ", 2], "y") == ["1", "a", "2"]


@pytest.mark.parametrize(
    ("y", "taken"),
    [
        (["a", "b"] * 10, True),
        ([0.0, 1.0] * 10, True),
        ([0.0, 1.5] * 10, False),
        (list(range(20)), False),
        ([1.0, float("nan")] * 10, False),
    ],
)
def test_what_is_taken_for_classes(y, taken):
    assert has_classes(y) is taken
