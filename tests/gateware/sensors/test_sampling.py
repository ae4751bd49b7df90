"""Rates that a clock makes."""

from __future__ import annotations

import pytest

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.sampling import (
    RATE_TOLERANCE,
    SYNCHRONISER,
    Sampling,
    check_half,
    cycles_of,
    sample_period,
)


def test_periods():
    assert sample_period(100.0, 12_000.0) == 8333
    assert sample_period(100.0, 48_000.0) == 2083
    assert sample_period(1.0, 1e6) == 1
    assert sample_period(1.0, 1_000_500.0) == 1
    assert Sampling(100.0, 12_000.0, 1.0).period == 8333


@pytest.mark.parametrize("factor", [0.9991, 1.0009])
def test_within_the_tolerance(factor):
    assert RATE_TOLERANCE == 1e-3
    assert sample_period(1.0, 100_000.0 * factor) == 10


@pytest.mark.parametrize("factor", [0.9989, 1.0011])
def test_beyond_the_tolerance(factor):
    text = r"whole fraction of the clock \(1 MHz\) within 0\.1 %, not .* Hz; nearest: 100000 Hz, or"
    with pytest.raises(CannotMeetError, match=text):
        sample_period(1.0, 100_000.0 * factor)


def test_the_nearest_is_told():
    with pytest.raises(CannotMeetError, match=r"not 90000 Hz; nearest: 90909.1 Hz"):
        sample_period(1.0, 90_000.0)
    with pytest.raises(CannotMeetError, match=r"not 3e\+06 Hz; nearest: 1e\+06 Hz"):
        sample_period(1.0, 3e6)


@pytest.mark.parametrize("rate", [0.0, -1.0])
def test_rates_are_positive(rate):
    with pytest.raises(CannotMeetError, match=f"must be positive, not {rate:g} Hz"):
        sample_period(1.0, rate)


def test_half_a_hertz_is_a_rate():
    assert sample_period(1.0, 0.5) == 2_000_000


def test_cycles_last_long_enough():
    assert cycles_of(50.0, 0.1e-6) == 5
    assert cycles_of(50.0, 0.1001e-6) == 6
    assert cycles_of(50.0, 1e-12) == 1
    assert cycles_of(50.0, 0.0) == 1
    assert cycles_of(100.0, 25e-3) == 2_500_000
    assert Sampling(50.0, 1.0, 1.0).cycles(0.1001e-6) == 6


def test_half_a_period_of_a_serial_clock():
    assert SYNCHRONISER == 2
    assert check_half("half", 3) == 3
    assert check_half("half", 9) == 9
    with pytest.raises(ValueError, match="half must be at least 3, not 2"):
        check_half("half", 2)
