"""Sampling clocks that are made on chip: which rates the clock makes, and what a part is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwgen.checks import positive
from hwgen.errors import CannotMeetError

RATE_TOLERANCE = 1e-3
"""Of a sampling rate: one bin in a spectrum of 1,024."""

SYNCHRONISER = 2
"""Cycles by which an input is late inside."""


def sample_period(clock_mhz: float, rate_hz: float) -> int:
    """Return the clock cycles from one sample to the next.

    Raises
    ------
    CannotMeetError
        If the clock cannot make the rate within `RATE_TOLERANCE`; says which rate is near.
    """
    if rate_hz <= 0:
        raise CannotMeetError(f"sensor rate must be positive, not {rate_hz:g} Hz")
    cycles = clock_mhz * 1e6
    period = max(1, round(cycles / rate_hz))
    actual = cycles / period
    if abs(actual / rate_hz - 1) > RATE_TOLERANCE:
        raise CannotMeetError(
            f"sensor rate must be a whole fraction of the clock ({clock_mhz:g} MHz) within "
            f"{100 * RATE_TOLERANCE:g} %, not {rate_hz:g} Hz; nearest: {actual:g} Hz, "
            f"or give another --clock-mhz"
        )
    return period


def cycles_of(clock_mhz: float, seconds: float) -> int:
    """Return the clock cycles that last at least so many seconds, 1 or more."""
    # A part in 10^9 of mercy: 0.1 us at 50 MHz are 5 cycles, not 6.
    return max(1, math.ceil(seconds * clock_mhz * 1e6 * (1 - 1e-9)))


@dataclass(frozen=True)
class Sampling:
    """What a part's receiver is made for.

    Parameters
    ----------
    clock_mhz
        Frequency of domain ``sync``.
    rate_hz
        Samples a second.
    full_scale
        Sensor value at the positive end of a sample, in the model's unit (g).
    """

    clock_mhz: float
    rate_hz: float
    full_scale: float

    @property
    def period(self) -> int:
        """Clock cycles from one sample to the next."""
        return sample_period(self.clock_mhz, self.rate_hz)

    def cycles(self, seconds: float) -> int:
        """Return the clock cycles that last at least so many seconds."""
        return cycles_of(self.clock_mhz, seconds)


def check_half(field: str, half: int) -> int:
    """Return half a serial clock period in clock cycles if the synchroniser leaves it room."""
    return positive(field, half, SYNCHRONISER + 1)
