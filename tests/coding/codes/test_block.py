from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding.codes.block import Block, fit
from hwgen.coding.matrix import error
from hwgen.errors import InputError


def meant(word, group, mantissa, exponent, odd):
    found = []
    power = word >> (group * mantissa)
    for place in range(group):
        number = (word >> (place * mantissa)) % (1 << mantissa)
        if number >= 1 << (mantissa - 1):
            number -= 1 << mantissa
        found.append((2 * number + 1 if odd else number) * 2**power)
    return found


@pytest.mark.parametrize(
    ("group", "mantissa", "exponent", "odd"),
    [(5, 3, 3, False), (5, 3, 3, True), (4, 2, 2, False), (1, 8, 3, False), (8, 1, 1, True)],
)
def test_all_words(group, mantissa, exponent, odd):
    words = np.arange(1 << (group * mantissa + exponent))
    coded = Block((group, len(words)), words, np.ones(1, np.int64), group, mantissa, exponent, odd)
    decoded = coded.decode().T
    for word in range(0, len(words), 1 if len(words) < 5000 else 7):
        assert decoded[word].tolist() == meant(word, group, mantissa, exponent, odd)


def test_a_word_that_is_too_long():
    with pytest.raises(InputError, match="bits of a word must be a whole number from 2 to 32"):
        Block((8, 1), np.zeros(1, np.int64), np.ones(1, np.int64), 8, 4, 1, False)


def test_the_error_on_the_published_network(published):
    weights = published["fc1"]
    coded = fit(weights)
    assert (coded.word_bits, coded.bits) == (18, 2 * 256 * 18 + 10 * 16)
    assert 0.14 < error(weights, coded.real) < 0.17


def test_no_other_word_is_nearer():
    weights = np.random.default_rng(2).standard_normal((2, 30))
    coded = fit(weights, group=2, mantissa=2, exponent=2, odd=True)
    every = np.array([meant(word, 2, 2, 2, True) for word in range(64)]).T
    scale = coded.real[:, :1] / coded.decode()[:, :1]
    for tap in range(30):
        wrong = ((weights[:, tap, None] - every * scale) ** 2).sum(axis=0)
        told = ((weights[:, tap] - coded.real[:, tap]) ** 2).sum()
        assert told <= wrong.min() * 1.1 + 1e-3
