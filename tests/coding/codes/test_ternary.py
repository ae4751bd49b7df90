from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from hwgen.coding.codes.ternary import Ternary, fit
from hwgen.errors import InputError


def test_all_words():
    coded = Ternary((5, 243), np.arange(243), np.ones(1, np.int64))
    for word in range(243):
        rest, wanted = word, []
        for _ in range(5):
            wanted.append(rest % 3 - 1)
            rest //= 3
        assert coded.decode()[:, word].tolist() == wanted


def test_a_word_that_is_none():
    with pytest.raises(InputError, match="words must be below 243, not 243"):
        Ternary((5, 1), np.array([243]), np.ones(1, np.int64))


def test_the_fit_is_the_best_there_is():
    weights = np.random.default_rng(1).standard_normal((1, 7))
    least = np.inf
    for signs in product((-1, 0, 1), repeat=7):
        numbers = np.array(signs)
        if numbers.any():
            scale = (weights @ numbers)[0] / (numbers @ numbers)
            least = min(least, np.linalg.norm(weights - scale * numbers))
    assert np.linalg.norm(weights - fit(weights).real) <= 1.0001 * least
