"""Grids of values: what a quantiser in a trained network leaves of real numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError

Floats = npt.NDArray[np.float64]

MAX_WIDTH = 16
"""Bits of a value between layers, at most."""

_NEAR = 1e-9
"""Steps by which a number may miss what it would be without the rounding of floats."""

ROUNDINGS: dict[str, Callable[[Floats], Floats]] = {
    "even": np.round,
    "odd": lambda x: np.round(x + 1.0) - 1.0,
    "up": lambda x: np.floor(x + 0.5),
    "down": lambda x: np.ceil(x - 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}
"""To the nearest integer, halves to the even or odd one, up or down; to the one below, or above."""


@dataclass(frozen=True)
class Grid:
    """Real numbers that are integers of a range times a step.

    Parameters
    ----------
    step
        One for all channels, or one a channel.
    low, high
        First and last integer; 0 is among them.
    rounding
        How a number becomes an integer, a key of `ROUNDINGS`.

    Raises
    ------
    InputError
        If there is no such grid, or its integers are wider than `MAX_WIDTH` bits.
    """

    step: tuple[float, ...]
    low: int
    high: int
    rounding: str = "even"

    def __post_init__(self) -> None:
        if not self.step or not all(math.isfinite(each) and each > 0 for each in self.step):
            raise InputError(f"steps of a quantiser must be positive numbers, not {self.step[:4]}")
        if not self.low <= 0 <= self.high or self.low == self.high:
            raise InputError(
                f"integers of a quantiser must have 0 among them and another one, not be "
                f"{self.low} to {self.high}"
            )
        if self.width > MAX_WIDTH:
            raise InputError(
                f"integers of a quantiser of values must have at most {MAX_WIDTH} bits, not "
                f"{self.width} ({self.low} to {self.high})"
            )
        if self.rounding not in ROUNDINGS:
            raise InputError(f"rounding must be one of {', '.join(ROUNDINGS)}")

    @property
    def signed(self) -> bool:
        """Whether there are negative integers."""
        return self.low < 0

    @property
    def width(self) -> int:
        """Bits that hold all of its integers, the sign included."""
        return max(self.high.bit_length(), (-self.low - 1).bit_length()) + self.signed

    @property
    def whole(self) -> Grid:
        """The same with all integers of as many bits."""
        high = (1 << (self.width - self.signed)) - 1
        return Grid(self.step, -high - 1 if self.signed else 0, high, self.rounding)

    @property
    def is_whole(self) -> bool:
        """Whether its range is that of a format."""
        return self == self.whole

    def rectified(self, name: str) -> Grid:
        """Return what a ReLU leaves of the grid of `name`; `InputError` if that is all zeros."""
        if self.high == 0:
            raise InputError(
                f"a ReLU leaves nothing but zeros of {name}, quantised from {self.low} to 0; "
                f"give it a zero point below its largest integer"
            )
        return Grid(self.step, 0, self.high, self.rounding)

    def within(self, other: Grid) -> Grid:
        """Return what numbers of `other`, a grid of the same steps, become on this one."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Grid(other.step, low, high, other.rounding)

    def steps(self, channels: int) -> Floats:
        """Return the step of each channel."""
        found = np.asarray(self.step, dtype=np.float64)
        return np.broadcast_to(found, (channels,)).copy()

    def integers(self, x: Floats) -> Floats:
        """Return the integers of values ``(n, channels, ...)``, as floats."""
        step = np.asarray(self.step).reshape((-1,) + (1,) * (x.ndim - 2))
        ratio = np.clip(x / step, self.low, self.high)
        # Sums of floats miss the borders between integers, on which sums of integers often lie.
        border = np.round(2 * ratio) / 2
        return ROUNDINGS[self.rounding](np.where(np.abs(ratio - border) < _NEAR, border, ratio))

    def apply(self, x: Floats) -> Floats:
        """Return the values ``(n, channels, ...)`` on the grid."""
        step = np.asarray(self.step).reshape((-1,) + (1,) * (x.ndim - 2))
        return self.integers(x) * step

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            "step": list(self.step),
            "low": self.low,
            "high": self.high,
            "rounding": self.rounding,
        }

    @classmethod
    def from_json(cls, value: Any) -> Grid:
        """Return the grid that `to_json` wrote; `InputError` if it is damaged."""
        try:
            step = tuple(float(each) for each in value["step"])
            low, high = (int(value[name]) for name in ("low", "high"))
            return cls(step, low, high, str(value["rounding"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"the grid of a layer is damaged: {error!r}") from error
