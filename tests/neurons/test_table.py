"""Rows that cannot be used are told in one line; the rest is what it was."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.neurons.table import table


def rows(n: int = 40, inputs: int = 2) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, inputs))


def with_(value: float, row: int = 3) -> np.ndarray:
    x = rows()
    x[row, 1] = value
    return x


WORDS = ["a", "b"] * 20


@pytest.mark.parametrize(
    ("x", "y", "task", "said"),
    [
        (rows(), np.arange(39), None, "X and y must have the same number of rows, not 40 and 39"),
        (rows(9), np.arange(9), None, "at least 30 rows, not 9"),
        (with_(np.nan), WORDS, None, "column x2 must have a finite number in every row, not nan in "
         "row 4"),
        (with_(np.inf), WORDS, None, "not inf in row 4"),
        (rows(40, 0), WORDS, None, "an input column beside the target"),
        (np.ones((40, 2)), WORDS, None, "all are constant"),
        (rows(40, 513), WORDS, None, "at most 512 input columns, not 513"),
        (rows(), ["a"] * 40, None, "2 to 64 classes, not 1"),
        (rows(), [f"c{n // 4}" for n in range(39)] + ["odd"], None, "at least 4 rows, not 1 (odd)"),
        (rows(), ["a", ""] * 20, None, "a class in every row, not nothing in row 2"),
        (rows(), WORDS, "regress", "must have numbers to be regressed, not 'a'"),
        (rows(), [1.0, 2.0] * 20, "regress", "at least 3 different values to be regressed, not 2"),
        (rows(), [*range(39), np.nan], "regress", "not nan in row 40"),
    ],
)  # fmt: skip
def test_what_cannot_be_used(x, y, task, said):
    names = [f"x{number + 1}" for number in range(x.shape[1])]
    with pytest.raises(InputError) as told:
        table("t\x1b.csv", x, y, names, "y", task)
    assert said in str(told.value)
    assert str(told.value).startswith("t\\x1b.csv")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("y", "task", "said"),
    [
        (WORDS, "classify", "has words"),
        ([0, 1] * 20, "classify", "2 different whole numbers"),
        (np.linspace(0, 1, 40), "regress", "has numbers"),
        (np.arange(40), "regress", "has numbers"),
    ],
)
def test_the_task_is_guessed_and_said(y, task, said):
    found, told = table("t", rows(), y, ["a", "b"], "kind", None)
    assert found.task == task
    assert f"task: {task}" in told[0]
    assert said in told[0]


def test_classes_go_by_name_and_1_is_1_0():
    found, told = table("t", rows(), ["1", "1.0", "b", "b"] * 10, ["a", "b"], "y", "classify")
    assert found.classes == ("1", "b")
    assert found.y.tolist() == [0, 0, 1, 1] * 10
    assert told == ()


def test_a_constant_column_is_left_out_and_said():
    x = rows(40, 3)
    x[:, 1] = 7
    found, told = table("t", x, np.linspace(0, 1, 40), ["a", "b", "c"], "y", "regress")
    assert told == ("constant columns are left out: b",)
    assert found.inputs == ("a", "c")
    assert np.array_equal(found.x, x[:, [0, 2]])


def test_the_digest_is_of_numbers_and_names():
    y = np.linspace(0, 1, 40)
    one, _ = table("t", rows(), y, ["a", "b"], "y", "regress")
    same, _ = table("other name", rows(), y, ["a", "b"], "y", "regress")
    other, _ = table("t", rows(), y, ["a", "c"], "y", "regress")
    assert one.digest == same.digest != other.digest
    assert one.some(np.arange(39)).digest != one.digest
