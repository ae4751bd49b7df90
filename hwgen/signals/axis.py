"""Vectors that are time, or count: told by their values, and what rate they give."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwgen.signals.formats import Channel
from hwgen.signals.formats._stated import SECONDS, TIME_UNITS, unit_of_title

_TIME_WORDS = frozenset(
    ("t", "time", "times", "timestamp", "timestamps", "stamp", "stamps", "zeit", "zeitstempel",
     "elapsed", "sec", "secs", "second", "seconds", "sekunden", "epoch", "datetime", "xvalue")
)  # fmt: skip
_EPOCHS = ((1e9, 2.2e9, "s"), (1e12, 2.2e12, "ms"), (1e15, 2.2e15, "us"), (1e18, 2.2e18, "ns"))
"""Stamps since 1970 of the years 2001 to 2039."""
_FEWEST, _FEW = 3, 8
_COARSEST = 0.01
"""Relative error of a rate, from stamps that are rounded, that is still given."""
_WHOLE = 1e-4
"""A whole number of Hz that is so near is what the recorder was set to."""


class Kind(Enum):
    """What an axis is."""

    TIME = "time"
    COUNT = "a count of rows"
    UNEVEN = "time in unequal steps"


@dataclass(frozen=True)
class Axis:
    """A vector that is no signal, since its values only go on.

    Parameters
    ----------
    name, length
        The channel's.
    kind
        What it is.
    hertz
        The rate that it gives; None if it counts, or is too uneven or coarse for one.
    unit
        Of its stamps: ``"s"``, ``"ms"``, ``"us"``, ``"ns"``, ``"min"``.
    stated
        Whether the file says so; else seconds are assumed.
    """

    name: str
    length: int
    kind: Kind
    hertz: float | None = None
    unit: str = "s"
    stated: bool = False


def axis_of(channel: Channel, values: np.ndarray) -> Axis | None:
    """Return what axis a channel is by its `values` (n,); None for a signal.

    Stamps in equal steps, each within half a step of a straight line, are time whatever their
    name; so are stamps that only rise and are equal in places, as their unit is too coarse for
    the rate. Whole numbers in equal steps without a name or unit of time count. What is called
    time and does neither is uneven.
    """
    named, unit = _is_named(channel.name), _unit(channel)
    if values.dtype.kind not in "iuf" or len(values) < _FEWEST or not np.isfinite(values).all():
        return None
    # Integers of 64 bits are too fine for float64 unless the first is taken off before.
    whole = values.dtype.kind == "i" and values.dtype.itemsize == 8
    stamps = (values if whole else values.astype(np.float64)) - values[0]
    stamps = stamps.astype(np.float64, copy=False)
    slope, error, steady = _line(stamps, float(np.abs(values[[0, -1]]).max()))
    if not steady:
        known = named or unit is not None
        return Axis(channel.name, len(values), Kind.UNEVEN) if known else None
    epoch = _epoch(float(values[0]))
    if slope < 0 or (not (named or unit or epoch) and _counts(stamps, slope)):
        return Axis(channel.name, len(values), Kind.COUNT)
    scale = unit or epoch or "s"
    hertz = _rounded(1 / (slope * SECONDS[scale]), error / slope)
    return Axis(channel.name, len(values), Kind.TIME, hertz, scale, stated=bool(unit or epoch))


def _line(stamps: np.ndarray, magnitude: float) -> tuple[float, float, bool]:
    """Return the slope of the best line, its error, and whether the stamps lie on it."""
    n = len(stamps)
    index = np.arange(n) - (n - 1) / 2
    square = n * (n * n - 1) / 12
    slope = float(index @ stamps) / square
    off = np.abs(stamps - stamps.mean() - slope * index)
    furthest = float(off.max())
    spread = math.sqrt(float(off @ off) / n)
    precision = 4 * float(np.spacing(magnitude))
    error = 6 * max(spread, precision) / math.sqrt(square)
    if slope == 0 or not math.isfinite(slope):
        return slope, error, False
    steps = np.diff(stamps) * (1 if slope > 0 else -1)
    if steps.min() < 0:
        return slope, error, False
    loose = 0.5 if n >= _FEW else 0.02  # any few numbers that rise are near a line
    if furthest <= loose * abs(slope) + precision and steps.min() > 0:
        return slope, error, True
    # Coarse stamps: equal in places, and nowhere further from the line than a unit of theirs.
    rises = steps[steps > precision]
    coarse = len(rises) >= _FEWEST and len(rises) < len(steps)
    return slope, error, bool(coarse and furthest <= 1.01 * rises.min() + precision)


def _rounded(hertz: float, error: float) -> float | None:
    """Return the roundest rate that stamps leave open within their relative error."""
    if not error <= _COARSEST or not math.isfinite(hertz):
        return None
    for step, most in ((1000, error), (100, error), (10, error), (1, max(error, _WHOLE))):
        near = round(hertz / step) * step
        if near and abs(near - hertz) <= most * hertz:
            return float(near)
    return hertz


def _counts(stamps: np.ndarray, slope: float) -> bool:
    """Return whether stamps go in whole steps."""
    step = round(slope)
    return bool(step and (np.diff(stamps) == step).all())


def _epoch(first: float) -> str | None:
    return next((unit for low, high, unit in _EPOCHS if low < first < high), None)


def _unit(channel: Channel) -> str | None:
    """Return the unit of time that is stated beside the channel or in its name."""
    for text in (channel.unit, unit_of_title(channel.name)):
        if text and (unit := TIME_UNITS.get(text.strip().lower())):
            return unit
    return None


def _is_named(name: str) -> bool:
    """Return whether a name, units aside, says time and nothing else."""
    last = re.sub(r"\[\d+\]$", "", name.rpartition(".")[2])
    last = re.sub(r"[\[(].*?[\])]", " ", last)
    words = [word for word in re.split(r"[\W_]+", last.lower()) if word]
    said = [word for word in words if word not in TIME_UNITS or word in _TIME_WORDS]
    return bool(said) and all(word in _TIME_WORDS for word in said)
