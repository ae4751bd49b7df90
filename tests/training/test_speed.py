"""Changes of speed are drawn from their range, and some windows have none."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.training.speed import STEADY, Speeds


def test_draws():
    rng = np.random.default_rng(3)
    drawn = np.array([Speeds(-0.04, 0.01, steady=0.25).draw(rng) for _ in range(2000)])
    assert -0.04 <= drawn.min() < -0.038
    assert 0.008 < drawn.max() <= 0.01
    assert 0.2 < np.mean(drawn == 0) < 0.3
    assert not STEADY.any
    assert not Speeds(-0.04, 0.01, steady=1.0).any


@pytest.mark.parametrize(
    "values", [(0.1, -0.1), (-0.5, 0.0), (0.0, 1.0), (0.0, 0.1, 1.5), (float("nan"), 0.1)]
)
def test_out_of_range(values):
    with pytest.raises(ValueError, match="must be"):
        Speeds(*values)
