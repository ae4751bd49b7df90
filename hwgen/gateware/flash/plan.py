"""Where in a flash the threshold is kept, and how fast it is talked to."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwgen.checks import positive

SECTOR_BYTES = 4096
"""What command 20h erases."""
SECTORS = 2
ADDRESS_BITS = 24
MOST_MHZ = 5.0
"""Of the flash's clock: slow enough for any part, and for wires that nobody looked at."""
TIMEOUT_S = 1.0
"""For an erase: W25Q128JV 400 ms at most, IS25LP128F 300 ms."""
LEAST_HALF = 4
"""Cycles for which the flash's clock is high or low, at least."""


@dataclass(frozen=True)
class FlashPlan:
    """How the board talks to its flash.

    Parameters
    ----------
    base
        Address of the first of two sectors; a multiple of both.
    half
        Clock cycles for which the flash's clock is high, and low.
    timeout_cycles
        For which it may be busy.
    """

    base: int
    half: int
    timeout_cycles: int

    def __post_init__(self) -> None:
        both = SECTORS * SECTOR_BYTES
        if self.base % both or not 0 <= self.base < 1 << ADDRESS_BITS:
            raise ValueError(
                f"base must be a multiple of {both} below {1 << ADDRESS_BITS}, not {self.base}"
            )
        if self.half < LEAST_HALF:
            raise ValueError(f"half must be at least {LEAST_HALF}, not {self.half}")
        positive("timeout_cycles", self.timeout_cycles)


def plan_flash(size: int, clock_mhz: float, timeout_s: float = TIMEOUT_S) -> FlashPlan:
    """Return the plan for the last two sectors of a flash of `size` bytes."""
    return FlashPlan(
        size - SECTORS * SECTOR_BYTES,
        max(LEAST_HALF, math.ceil(clock_mhz / (2 * MOST_MHZ))),
        max(1, round(timeout_s * clock_mhz * 1e6)),
    )
