"""What the generator says of a design's cycles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """What the generator says of the design; the simulation measures it.

    Parameters
    ----------
    latency
        Cycles from the edge that takes a window's last sample to the one that presents its class.
    interval
        Cycles from one window to the next.
    pause
        Cycles from one sample of a window to the next possible one.
    """

    latency: int
    interval: int
    pause: int = 1
