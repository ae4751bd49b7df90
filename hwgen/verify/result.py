"""What a verification found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Verification:
    """Comparison of the emitted Verilog with the golden model.

    Parameters
    ----------
    simulator
        Its name and version.
    windows
        Results that were compared: class and all numbers.
    mismatches
        How many of them differ.
    latency
        Cycles from the edge that takes a window's last sample to the edge that presents its
        class, when nothing is in its way; the largest seen.
    interval
        Cycles from one window to the next, back to back, on average once the pipeline is full;
        0 if there were too few to tell.
    pause
        Cycles from a sample to the next one of the window, offered at once: 1 is one every cycle.
    scenarios
        Windows compared in each.
    """

    simulator: str
    windows: int
    mismatches: int
    latency: int
    interval: int
    pause: int
    scenarios: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; further fields are the reader's own."""
        return cls(
            simulator=value["simulator"],
            windows=value["windows"],
            mismatches=value["mismatches"],
            latency=value["latency"],
            interval=value["interval"],
            pause=value["pause"],
            scenarios=value.get("scenarios", {}),
        )
