from __future__ import annotations

import numpy as np
import pytest

from hwgen.coding import grouping, scales
from hwgen.coding.codes.trajectory import DIRECTIONS, Trajectory, fit
from hwgen.coding.matrix import error
from hwgen.errors import InputError


def meant(word, theta_bits, class_bits, directions):
    kind, theta = word >> theta_bits, word % (1 << theta_bits)
    found = []
    for direction in directions:
        point = (theta * direction) % (1 << theta_bits)
        point ^= 1 << (theta_bits - 1)
        if point >= 1 << (theta_bits - 1):
            point -= 1 << theta_bits
        found.append(point // 2 ** (theta_bits - 8 + 2**class_bits - 1 - kind))
    return found


@pytest.mark.parametrize(
    ("theta_bits", "class_bits", "group"), [(16, 2, 5), (8, 2, 5), (13, 0, 4), (11, 1, 2)]
)
def test_all_words(theta_bits, class_bits, group):
    directions = DIRECTIONS[group, theta_bits]
    words = np.arange(1 << (theta_bits + class_bits))
    coded = Trajectory(
        (group, len(words)), words, np.ones(1, np.int64), theta_bits, class_bits, directions
    )
    assert coded.decode().T.tolist() == [
        meant(word, theta_bits, class_bits, directions) for word in range(len(words))
    ]


def test_weights_have_8_bits_and_use_them():
    words = np.arange(1 << 18)
    found = Trajectory((5, len(words)), words, np.ones(1, np.int64), 16, 2, DIRECTIONS[5, 16])
    decoded = found.decode()
    assert (decoded.min(), decoded.max()) == (-128, 127)


def test_directions_are_sums_of_at_most_two_powers():
    for (group, theta_bits), directions in DIRECTIONS.items():
        assert (len(directions), directions[0]) == (group, 1)
        size = 1 << theta_bits
        powers = [1 << place for place in range(theta_bits + 1)]
        sums = {0, *powers}
        signed = [*powers, *(-each for each in powers)]
        sums |= {(one + other) % size for one in signed for other in signed}
        assert set(directions) <= sums


def test_the_error_on_the_published_network(published):
    weights = published["fc1"]
    coded = fit(weights)
    assert (coded.word_bits, coded.bits) == (18, 2 * 256 * 18 + 10 * 16)
    assert 0.10 < error(weights, coded.real) < 0.132
    # 0.141 was measured on another training, of lighter tails.
    assert 0.11 < error(weights, fit(weights, rows=False).real) < 0.15


def test_more_bits_are_nearer(published):
    found = [
        error(published["fc1"], fit(published["fc1"], theta_bits=bits).real)
        for bits in (8, 10, 12, 14, 16)
    ]
    assert found == sorted(found, reverse=True)


def test_no_other_word_is_nearer():
    weights = np.random.default_rng(0).laplace(size=(4, 20))
    coded = fit(weights, group=2, theta_bits=10)
    every = np.array([meant(word, 10, 2, DIRECTIONS[2, 10]) for word in range(1 << 12)])
    # The last scales are set after the search: words are near best, not best, with them.
    found = grouping.grouped(coded.real, 2)
    steps = grouping.grouped(np.repeat(scales.from_bits(coded.scales)[:, None], 20, axis=1), 2)
    for wanted, said, step in zip(grouping.grouped(weights, 2), found, steps, strict=True):
        least = ((every * step - wanted) ** 2).sum(axis=1).min()
        assert ((said - wanted) ** 2).sum() <= least + 0.05 * (step**2).sum() + 0.1 * least


def test_directions_that_there_are_none_for():
    with pytest.raises(InputError, match="there are no directions for 5 weights and 7 bits"):
        fit(np.ones((5, 4)), theta_bits=7)
    given = fit(np.ones((5, 4)), theta_bits=8, directions=(1, 3, 9, 27, 81))
    assert given.directions == (1, 3, 9, 27, 81)


@pytest.mark.parametrize("directions", [(), (0,), (1 << 8,), (1,) * 9])
def test_directions_that_are_none(directions):
    with pytest.raises(InputError, match="direction"):
        Trajectory((1, 1), np.zeros(1, np.int64), np.ones(1, np.int64), 8, 2, directions)
