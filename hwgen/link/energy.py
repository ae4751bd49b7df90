"""Energy of a diagnosis, from what a meter says while a board replays a window back to back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from hwgen.errors import UsageError


@dataclass(frozen=True)
class Published:
    """What others state of theirs.

    Parameters
    ----------
    name, source
        Device and task; where it is stated.
    joules
        Of an answer.
    """

    name: str
    source: str
    joules: float


PUBLISHED = (
    Published("MSPM0G5187 with NPU, 6,000 parameters", "below 10 mW for 0.67 ms (TI)", 7e-6),
    Published("MAX78000, key words", "arXiv:2111.04988", 251e-6),
    Published("iCE40UP5K, SCG CNN", "8.55 mW for 95.5 ms (arXiv:2604.25799)", 0.82e-3),
)
"""Other networks on other chips: comparable by the order of magnitude, and by the product only."""


@dataclass(frozen=True)
class Energy:
    """Readings of a meter, and what follows for a diagnosis.

    Parameters
    ----------
    watts
        While a window is replayed back to back: of all that the meter feeds.
    idle_watts
        Of the same board while nothing is computed; None where it was not read.
    windows_per_second
        Meanwhile, on chip.

    Raises
    ------
    UsageError
        If the idle board takes as much or more.
    """

    watts: float
    idle_watts: float | None
    windows_per_second: float

    def __post_init__(self) -> None:
        if self.idle_watts is not None and not 0 <= self.idle_watts < self.watts:
            raise UsageError(
                f"--idle-watts must be below --watts ({self.watts:g}), not {self.idle_watts:g}; "
                "read --watts during --busy, --idle-watts when nothing is replayed"
            )

    @property
    def joules(self) -> float:
        """Of a diagnosis, all of the board with it."""
        return self.watts / self.windows_per_second

    @property
    def own_joules(self) -> float | None:
        """Of a diagnosis beyond what the idle board takes anyway; None without that reading."""
        if self.idle_watts is None:
            return None
        return (self.watts - self.idle_watts) / self.windows_per_second

    def to_json(self) -> dict[str, float | None]:
        """Return readings and energies as a JSON object; joules."""
        return {
            "watts": self.watts,
            "idle_watts": self.idle_watts,
            "windows_per_second": self.windows_per_second,
            "joules": self.joules,
            "own_joules": self.own_joules,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value["watts"], value["idle_watts"], value["windows_per_second"])
