"""A threshold in integers keeps as many healthy windows below it as in floats."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.calibration.threshold import settled
from hwgen.fixedpoint import Format
from hwgen.quantized.ops.score import QuantizedScore


def op(step: float = 0.5) -> QuantizedScore:
    return QuantizedScore("s", (1, 64), Format.of_width(8, signed=True, frac_bits=0), step, 0, 0)


def test_where_rounding_adds_nothing_it_is_the_float_one():
    floats = np.array([1.0, 2.0, 3.0, 9.0])
    found = settled(op(), 5.0, floats, (floats / 0.25).astype(int))
    assert found.threshold == 20


@pytest.mark.parametrize("seed", range(20))
def test_as_many_healthy_windows_are_above(seed):
    rng = np.random.default_rng(seed)
    floats = rng.gamma(4, 10, 200)
    # Rounding adds about as much to each.
    integers = np.round((floats + 30 + rng.normal(0, 0.3, 200)) / 0.0025).astype(int)
    threshold = float(np.quantile(floats, rng.choice([0.9, 0.99, 1.0])))
    found = settled(op(0.05), threshold, floats, integers)
    assert (integers > found.threshold).sum() == (floats > threshold).sum()


def test_none_above_stays_none_and_all_above_stays_all():
    scores = np.array([10, 20, 30])
    none = settled(op(), 100.0, np.array([1.0, 2.0, 3.0]), scores)
    assert none.threshold == 400
    low = settled(op(), 4.0, np.array([1.0, 2.0, 3.0]), scores)
    assert low.threshold == 30
    every = settled(op(), 0.0, np.array([1.0, 2.0, 3.0]), scores)
    assert every.threshold < 10


def test_equal_scores_are_on_one_side():
    found = settled(op(), 1.5, np.array([1.0, 1.0, 2.0]), np.array([7, 7, 7]))
    assert found.threshold in (6, 7)


def test_without_a_threshold_nothing_is_an_anomaly():
    assert settled(op(), None, np.array([1.0]), np.array([9])).threshold == op().output.fmt.max
    assert settled(op(), 5.0, np.zeros(0), np.zeros(0, dtype=int)).threshold == 20
