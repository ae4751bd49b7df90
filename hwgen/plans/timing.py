"""What a part takes in cycles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Cycles of a part of the hardware, or of the whole of it; simulation measures them.

    Parameters
    ----------
    latency
        Cycles from the edge that takes what is last of a window to the one that has what becomes
        of it: of the whole, from a window's last sample to its class.
    interval
        Cycles from one window to the next, when nothing is held up from outside.
    pause
        Cycles from one sample of a window to the next possible one.
    in_flight
        Windows that may have been taken whole without being done with.
    lead
        Cycles from the sample that waits for room to a window's last.
    breakdown
        Names of steps and cycles of each, in order; they add up to `latency`. Empty where the
        steps are not told apart.
    closed
        Cycles behind a window's last sample in which none is taken, though there be room.

    Raises
    ------
    ValueError
        If the steps do not add up.
    """

    latency: int
    interval: int
    pause: int = 1
    in_flight: int = 1
    lead: int = 0
    breakdown: tuple[tuple[str, int], ...] = ()
    closed: int = 0

    def __post_init__(self) -> None:
        total = sum(cycles for _, cycles in self.breakdown)
        if self.breakdown and total != self.latency:
            raise ValueError(f"breakdown must add up to latency ({self.latency}), not {total}")

    @classmethod
    def of(
        cls,
        steps: Iterable[tuple[str, int]],
        interval: int,
        *,
        pause: int = 1,
        in_flight: int = 1,
        lead: int = 0,
        closed: int = 0,
    ) -> Timing:
        """Return the timing of steps behind one another."""
        breakdown = tuple(steps)
        latency = sum(cycles for _, cycles in breakdown)
        return cls(latency, interval, pause, in_flight, lead, breakdown, closed)
