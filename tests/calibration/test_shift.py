"""Each way to choose the bits that a rounding drops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwgen.calibration import shift as shifts
from hwgen.errors import UsageError
from hwgen.fixedpoint import Format, saturate, shift_half_up

UNSIGNED, SIGNED = Format(False, 8, 0), Format(True, 7, 0)
values = arrays(np.int64, st.integers(1, 30), elements=st.integers(-(1 << 24), 1 << 24))


def fits(values: np.ndarray, shift: int, fmt: Format) -> bool:
    rounded = shift_half_up(values, shift)
    return bool(((rounded >= fmt.min) & (rounded <= fmt.max)).all())


@given(values)
def test_max_is_the_least_shift_that_saturates_nothing(values):
    shift = shifts.by_max(values, SIGNED)
    assert fits(values, shift, SIGNED)
    assert shift == 0 or not fits(values, shift - 1, SIGNED)


@given(values)
@settings(deadline=None)
def test_mse_is_never_worse_than_its_neighbours_or_max(values):
    def error(shift: int) -> float:
        kept = saturate(shift_half_up(values, shift), SIGNED.min, SIGNED.max) * 2.0**shift
        return float(np.mean((values - kept) ** 2))

    chosen = shifts.by_mse(values, SIGNED)
    assert error(chosen) <= error(shifts.by_max(values, SIGNED))
    assert error(chosen) <= error(chosen + 1)
    assert chosen == 0 or error(chosen) <= error(chosen - 1)


def test_halves_count_at_the_border():
    # 255.5 steps of two round to 256.
    assert shifts.by_max(np.array([510]), UNSIGNED) == 1
    assert shifts.by_max(np.array([511]), UNSIGNED) == 2
    assert shifts.by_max(np.array([-257]), SIGNED) == 1
    assert shifts.by_max(np.array([-258]), SIGNED) == 2


def test_percentile_lets_the_rarest_saturate():
    data = np.concatenate([np.full(100_000, 200), [1 << 20]])
    assert shifts.by_percentile(data, UNSIGNED) == 0
    assert shifts.by_max(data, UNSIGNED) == 13
    assert shifts.by_percentile(-data, SIGNED) == 1


def test_mse_trades_an_outlier_for_the_rest():
    data = np.concatenate([np.arange(-12_000, 12_000), [33_000]])
    assert shifts.by_mse(data, SIGNED) < shifts.by_max(data, SIGNED)
    assert shifts.by_mse(np.array([0, 0]), SIGNED) == 0


def test_what_a_relu_removes_has_no_part():
    data = np.array([-(1 << 20), 100])
    for method in shifts.METHODS:
        assert shifts.choose(method, data, UNSIGNED) == 0
    assert shifts.choose("max", data, SIGNED) == 13


def test_an_unknown_method_is_refused():
    with pytest.raises(UsageError, match=r"^calibration must be one of max, percentile, mse, not"):
        shifts.choose("entropy", np.array([1]), SIGNED)
