"""Geometry of a rolling bearing and the frequencies at which its faults strike."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bearing:
    """A bearing whose outer ring stands still.

    The formulas assume rolling without slip: R. B. Randall and J. Antoni, "Rolling element
    bearing diagnostics - a tutorial", Mechanical Systems and Signal Processing 25 (2011),
    equations (1) to (4). The default is the SKF 6205-2RS of the CWRU test stand's drive end.

    Parameters
    ----------
    balls
        Number of balls.
    ball_diameter, pitch_diameter
        In one unit (here inches); only their ratio matters.
    contact_angle
        Radians.

    Raises
    ------
    ValueError
        `balls` is below 1, or the balls do not fit into the pitch circle.
    """

    balls: int = 9
    ball_diameter: float = 0.3126
    pitch_diameter: float = 1.537
    contact_angle: float = 0.0

    def __post_init__(self) -> None:
        if self.balls < 1:
            raise ValueError(f"balls must be at least 1, not {self.balls}")
        if not 0 < self.ball_diameter < self.pitch_diameter < math.inf:
            raise ValueError(
                f"ball_diameter must be above 0 and below pitch_diameter "
                f"({self.pitch_diameter}), not {self.ball_diameter}"
            )

    def bpfo(self, shaft_hz: float) -> float:
        """Return the rate in Hz at which balls pass a fault of the outer race."""
        return self.balls / 2 * shaft_hz * (1 - self._ratio)

    def bpfi(self, shaft_hz: float) -> float:
        """Return the rate in Hz at which balls pass a fault of the inner race."""
        return self.balls / 2 * shaft_hz * (1 + self._ratio)

    def bsf(self, shaft_hz: float) -> float:
        """Return the spin of a ball in Hz; a fault on it strikes both races each turn."""
        return self.pitch_diameter / (2 * self.ball_diameter) * shaft_hz * (1 - self._ratio**2)

    def ftf(self, shaft_hz: float) -> float:
        """Return the speed of the cage in Hz."""
        return shaft_hz / 2 * (1 - self._ratio)

    @property
    def _ratio(self) -> float:
        return self.ball_diameter / self.pitch_diameter * math.cos(self.contact_angle)
