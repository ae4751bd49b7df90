"""Changes of the shaft's speed, as data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Speeds:
    """Changes of speed, as shares: -0.04 is 4 % slower.

    Everything in the signal moves with them, the resonances too, which on a machine stay where
    they are.

    Parameters
    ----------
    low, high
        Between them changes are equally likely; above -0.5, below 1.
    steady
        Share of the windows whose speed is left as it is, 0..1.

    Raises
    ------
    ValueError
        If they are not in order, or out of range.
    """

    low: float = 0.0
    high: float = 0.0
    steady: float = 0.0

    def __post_init__(self) -> None:
        if not -0.5 < self.low <= self.high < 1:
            raise ValueError(
                f"low and high must be ascending, from -0.5 to 1, not {self.low}, {self.high}"
            )
        if not 0 <= self.steady <= 1:
            raise ValueError(f"steady must be in 0..1, not {self.steady}")

    @property
    def any(self) -> bool:
        """Whether any speed changes."""
        return self.low != self.high and self.steady < 1

    def draw(self, rng: np.random.Generator) -> float:
        """Return a change of speed."""
        change = float(rng.uniform(self.low, self.high))
        return 0.0 if rng.random() < self.steady else change


STEADY = Speeds()
"""The recordings' own."""
