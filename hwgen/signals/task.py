"""What a network is for: what its samples are, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """What goes with a network's numbers, but is no part of its layers.

    Parameters
    ----------
    classes
        Names, one per logit.
    input_scale
        The network takes the sensor's value times this.
    sample_rate
        Hz; None if not known.
    """

    classes: tuple[str, ...]
    input_scale: float = 1.0
    sample_rate: float | None = None
