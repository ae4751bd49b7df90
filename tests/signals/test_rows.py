"""Rows of a table as windows."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import ReadAs
from hwgen.signals.rows import Columns, are_rows, dataset, unlabelled
from hwgen.signals.table_files import Cells
from hwgen.signals.units import SCORES

RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 3)) * [1.0, 100.0, 0.0] + [0.0, 5.0, 7.0]
Y = ["good"] * 10 + ["bad"] * 10
NAMED = Cells("t.csv", X, Y, ("a", "b", "c"), "state", named=True)
BARE = Cells("t.npy", X, Y, ("x1", "x2", "x3"), "y", named=False)
COLUMNS = Columns.of(("a", "b", "c"), "state", X)


def test_scores():
    scores = COLUMNS.scores(X)
    assert np.allclose(scores[:, :2].mean(axis=0), 0)
    assert np.allclose(scores[:, :2].std(axis=0), 1)
    assert np.array_equal(scores[:, 2], np.zeros(20))
    assert COLUMNS.scores(X + np.array([0, 0, 1]))[0, 2] == 1  # in its own unit


def test_columns_are_found_by_their_names():
    turned = dataclasses.replace(NAMED, x=X[:, ::-1], inputs=("c", "b", "a"))
    rows, classes = COLUMNS.taken(turned)
    assert np.array_equal(rows, X)
    assert classes is Y


def test_the_last_column_may_be_one_of_them():
    cells = Cells("t.csv", X[:, :2], X[:, 2], ("a", "b"), "c", named=True)
    rows, classes = COLUMNS.taken(cells)
    assert np.array_equal(rows, X)
    assert classes is None


def test_without_names_they_are_taken_in_order():
    assert np.array_equal(COLUMNS.taken(BARE)[0], X)
    assert COLUMNS.taken(BARE)[1] is Y
    alone = Cells("t.npy", X[:, :2], X[:, 2], ("x1", "x2"), "y", named=False)
    rows, classes = COLUMNS.taken(alone)
    assert np.array_equal(rows, X)
    assert classes is None
    with pytest.raises(InputError, match=r"must have the 3 columns .*, not 1; name them"):
        COLUMNS.taken(dataclasses.replace(BARE, x=X[:, :1], inputs=("x1",)))


def test_a_column_that_is_missing():
    cells = dataclasses.replace(NAMED, x=X[:, :2], inputs=("a", "b"))
    with pytest.raises(InputError, match=r"t.csv must have the 3 columns .* but lacks c; add"):
        COLUMNS.taken(cells)


def test_a_table_without_classes():
    found = unlabelled(dataclasses.replace(BARE, y=np.arange(20)))
    assert found.x.shape == (20, 4)
    assert found.y is None
    assert found.inputs == ("x1", "x2", "x3", "x4")
    with pytest.raises(InputError, match="column state must have numbers, not words"):
        unlabelled(NAMED)


def test_a_row_is_a_recording():
    found = dataset("t.csv", COLUMNS.scores(X), Y, np.arange(20)[::-1])
    assert are_rows(found)
    assert found.classes == ("bad", "good")
    assert found.recordings[0].source == "row 20"
    assert np.array_equal(found.recordings[0].samples, COLUMNS.scores(X)[19])


def test_they_travel():
    read_as = ReadAs(samples=SCORES, columns=COLUMNS)
    assert ReadAs.from_json(json.loads(json.dumps(read_as.to_json()))) == read_as
    assert "columns" not in ReadAs().to_json()


@pytest.mark.parametrize(
    "change",
    [{"names": ["a", "a", "c"]}, {"mean": [0.0, 0.0]}, {"deviation": [1.0, 0.0, 1.0]},
     {"mean": [0.0, float("nan"), 0.0]}, {"mean": "abc"}, {"target": 3}],
)  # fmt: skip
def test_damaged_columns(change):
    with pytest.raises(ValueError, match="columns"):
        Columns.from_json(COLUMNS.to_json() | change)
