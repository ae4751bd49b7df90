"""From the unit in which a file has its samples to g."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwgen.signals.formats import Channel
from hwgen.signals.reading import Reading

STANDARD_GRAVITY = 9.80665
"""m/s² of 1 g, by definition (3rd CGPM, 1901)."""

_G = {"g": 1.0, "gn": 1.0, "mg": 1e-3, "m/s2": 1 / STANDARD_GRAVITY}
_COUNTS = ("count", "counts", "raw", "lsb")


@dataclass(frozen=True)
class Scale:
    """What makes samples of what is in the file: ``(x - offset) * factor``.

    Parameters
    ----------
    unit
        Of the samples: ``"g"``, ``"counts"``, ``"of full scale"``, or what the file states.
    notices
        What the user must know of it.
    """

    factor: float
    offset: float
    unit: str
    notices: tuple[str, ...] = ()

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `values` in the unit; as they are where there is nothing to do."""
        if self.offset:
            values = values - self.offset
        return values if self.factor == 1 else values * self.factor


def scale_of(channel: Channel, reading: Reading) -> Scale:
    """Return how a channel's samples are scaled, by what the user says, else by the file."""
    stated = _plain(channel.unit)
    if reading.unit is not None:
        factor, unit = _G.get(reading.unit), reading.unit
        said: tuple[str, ...] = ()
        if stated is not None and stated != reading.unit:
            said = (f"--unit {reading.unit} overrules the file's unit {channel.unit}",)
        return Scale(factor or 1.0, reading.offset, "g" if factor else unit, said)
    if channel.shares:
        said = (
            "samples are shares of full scale (1 is the recorder's largest value): --full-scale "
            "says what 1 is",
        )
        return Scale(1.0, reading.offset, "of full scale", said)
    if stated in _G:
        factor = _G[stated]
        said = () if factor == 1 else (f"samples are in {channel.unit}, and read as g",)
        return Scale(factor, reading.offset, "g", said)
    if stated is None:
        return Scale(1.0, reading.offset, "g")
    unit = "counts" if stated in _COUNTS else str(channel.unit)
    said = (f"samples are in {unit}, not in g, and taken as they are; --unit says another unit",)
    return Scale(1.0, reading.offset, unit, said)


def _plain(unit: str | None) -> str | None:
    """Return one spelling of a unit: ``m/s^2``, ``m/s²``, ``m s-2`` are m/s2."""
    if unit is None:
        return None
    text = re.sub(r"[\s^*·()\[\]]", "", unit.lower()).replace("²", "2")
    return "m/s2" if text in ("m/s2", "ms-2", "m/s/s", "m/sec2") else text
