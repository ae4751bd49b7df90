from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.coding import scales
from hwgen.errors import InputError


def test_scales_are_those_of_bfloat16():
    values = np.geomspace(1e-30, 1e30, 500)
    theirs = torch.from_numpy(values).to(torch.bfloat16).double().numpy()
    assert np.array_equal(scales.from_bits(scales.to_bits(values)), theirs)


def test_what_is_beyond_is_the_largest():
    assert np.isfinite(scales.from_bits(scales.to_bits(np.array([1e300])))).all()
    assert scales.from_bits(scales.to_bits(np.zeros(1))) == 0


@pytest.mark.parametrize("bad", [[0x7F80], [-1], [0x8000], [1, 1]])
def test_scales_that_are_none(bad):
    with pytest.raises(InputError, match="scales must be"):
        scales.check(np.array(bad), 3)


def test_the_fitted_scale_is_nearest():
    rng = np.random.default_rng(0)
    integers = rng.integers(-9, 10, (3, 50))
    weights = integers * np.array([[0.5], [3.0], [1e-3]]) + 1e-4 * rng.standard_normal((3, 50))
    found = scales.from_bits(scales.fitted(weights, integers, rows=True))
    assert np.allclose(found, [0.5, 3, 1e-3], rtol=2**-8)
    one = scales.from_bits(scales.fitted(2.0 * integers, integers, rows=False))
    assert one.tolist() == [2.0]


def test_integers_that_point_the_other_way_are_not_there():
    weights = np.array([[1.0, 2.0]])
    assert scales.from_bits(scales.fitted(weights, -np.ones((1, 2), np.int64), rows=True)) == 0
