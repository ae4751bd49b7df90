"""Each approximation against the true magnitude, over all angles."""

import numpy as np
import pytest

from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES, mean_gain

BOUNDS = {
    "max-7/8-1/2": (0.9701, 1.0078),
    "max-1/4": (0.8838, 1.0308),
    "max-3/8": (0.9722, 1.0681),
    "max-1/2": (1.0, 1.1181),
}
"""Least and greatest ratio to the magnitude, from the extrema of alpha cos t + beta sin t."""


def ratios(method: str) -> np.ndarray:
    """Of angles 0 to pi/4, both ends included."""
    angle = np.linspace(0, np.pi / 4, 100_001)
    a, b = np.cos(angle), np.sin(angle)
    return np.max([(alpha * a + beta * b) / 8 for alpha, beta in MAGNITUDES[method]], axis=0)


def test_every_method_has_a_bound():
    assert BOUNDS.keys() == MAGNITUDES.keys()


@pytest.mark.parametrize("method", MAGNITUDES)
def test_extreme_errors(method):
    low, high = BOUNDS[method]
    assert ratios(method).min() == pytest.approx(low, abs=1e-4)
    assert ratios(method).max() == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize("method", MAGNITUDES)
def test_mean_gain_is_the_mean_over_angles(method):
    steps = ratios(method)
    assert mean_gain(method) == pytest.approx((steps[:-1] + steps[1:]).mean() / 2, abs=1e-7)


def test_eighths():
    assert 1 << EIGHTHS == 8
