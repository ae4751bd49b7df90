"""How far features tell each other."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.training.predictable import noise, unpredictable

RNG = np.random.default_rng(3)


def test_independent_features_tell_nothing():
    z = RNG.standard_normal((2000, 5))
    assert unpredictable(z) == pytest.approx(1.0, abs=0.02)
    assert noise(z) == 3.0


def test_a_feature_that_is_the_sum_of_others_is_told():
    z = RNG.standard_normal((2000, 2))
    z = np.column_stack([z, z.sum(axis=1)])
    assert unpredictable(z) < 0.01
    assert noise(z) == 0.4


def test_half_of_the_variance():
    # Two features of correlation r tell r^2 of each other.
    z = RNG.standard_normal((20_000, 2))
    both = np.column_stack([z[:, 0], np.sqrt(0.5) * (z[:, 0] + z[:, 1])])
    assert unpredictable(both) == pytest.approx(0.5, abs=0.02)
    assert noise(both) == pytest.approx(1.0, abs=0.1)
    assert unpredictable(both * [1.0, 1e3] + 7) == pytest.approx(unpredictable(both))


def test_constant_features_do_not_count():
    z = RNG.standard_normal((500, 2))
    same = np.column_stack([z, z[:, 0], np.ones(500)])
    assert unpredictable(same) == pytest.approx(unpredictable(same[:, :3]))
    assert unpredictable(np.ones((20, 3))) == 1.0


def test_more_features_than_rows_are_no_certainty():
    z = RNG.standard_normal((30, 100))
    assert unpredictable(z) > 0.8
