from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding.grouping import grouped, groups, ungrouped


def test_a_word_has_consecutive_rows_at_one_tap():
    matrix = np.arange(12).reshape(4, 3)
    assert grouped(matrix, 2).tolist() == [[0, 3], [1, 4], [2, 5], [6, 9], [7, 10], [8, 11]]
    assert grouped(matrix, 3)[3:].tolist() == [[9, 0, 0], [10, 0, 0], [11, 0, 0]]


@pytest.mark.parametrize("shape", [(1, 1), (4, 3), (10, 256), (7, 1)])
@pytest.mark.parametrize("group", [1, 2, 5, 8])
def test_a_matrix_comes_back(shape, group):
    matrix = np.random.default_rng(0).standard_normal(shape)
    words = grouped(matrix, group)
    assert words.shape == (groups(shape, group), group)
    assert np.array_equal(ungrouped(words, shape), matrix)
