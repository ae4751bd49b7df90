"""What a core takes, by kind of cell: activity times a family's figures, with a band of error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from hwgen.synth.activity import Activity
from hwgen.targets.power import Figure, Power

_PICO = 1e-12

CLOCK, LOGIC, ROUTING = "clock", "logic", "routing"


@dataclass(frozen=True)
class Band:
    """A likely value, between what it hardly is below and above; in the unit of whoever made it.

    Sums are taken as if everything were off the same way at once: that is the widest band.

    Parameters
    ----------
    value, low, high
        In order.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, figure: Figure, scale: float = 1.0) -> Self:
        """Return a figure so many times."""
        return cls(figure.value * scale, figure.low * scale, figure.high * scale)

    def __add__(self, other: Band) -> Band:
        return Band(self.value + other.value, self.low + other.low, self.high + other.high)

    def __mul__(self, factor: float) -> Band:
        return Band(self.value * factor, self.low * factor, self.high * factor)

    def to_json(self) -> dict[str, float]:
        """Return the fields as a JSON object."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value["value"], value["low"], value["high"])


NOTHING = Band(0.0, 0.0, 0.0)


def total(bands: Iterable[Band]) -> Band:
    """Return the sum."""
    return sum(bands, NOTHING)


def switching(activity: Activity, figures: Power) -> dict[str, Band]:
    """Return the joules of what switched, by kind; without the clock.

    Parameters
    ----------
    activity
        Of a core.
    figures
        Of the chip's family.
    """
    joules = {
        LOGIC: Band.of(figures.logic, activity.logic * _PICO),
        ROUTING: Band.of(figures.routing, activity.routing * _PICO),
    }
    for kind, count in activity.accesses.items():
        joules[kind] = Band.of(figures.accesses[kind], count * _PICO)
    return joules


def clocking(registers: int, figures: Power) -> Band:
    """Return the joules of a cycle of the clock that so many flip-flops have."""
    return Band.of(figures.clock, _PICO) + Band.of(figures.register, registers * _PICO)
