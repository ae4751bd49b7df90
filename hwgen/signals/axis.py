"""Vectors that are time, or count: told by their values, and what rate they give."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
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
_HEAD = 1024
_PIECE = 1 << 18
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
    if values.dtype.kind not in "iuf" or len(values) < _FEWEST:
        return None
    known = named or unit is not None
    if not known and goes_both_ways(values[:_HEAD]):  # tells most signals
        return None
    if not all(np.isfinite(piece).all() for piece in _pieces(values)):
        return None
    slope, error, steady = _line(values)
    if not steady:
        return Axis(channel.name, len(values), Kind.UNEVEN) if known else None
    epoch = _epoch(float(values[0]))
    if slope < 0 or (not (named or unit or epoch) and _counts(values, slope)):
        return Axis(channel.name, len(values), Kind.COUNT)
    scale = unit or epoch or "s"
    hertz = _rounded(1 / (slope * SECONDS[scale]), error / slope)
    return Axis(channel.name, len(values), Kind.TIME, hertz, scale, stated=bool(unit or epoch))


def goes_both_ways(values: np.ndarray) -> bool:
    """Return whether values rise somewhere and fall somewhere: no axis does."""
    later, earlier = values[1:], values[:-1]  # not subtracted: integers may have no sign
    return bool((later > earlier).any() and (later < earlier).any())


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield stretches that overlap by one: recordings are long."""
    for start in range(0, max(1, len(values) - 1), _PIECE):
        yield values[start : start + _PIECE + 1]


def _stamps(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places, from the middle, and values, from the first, in pieces of float64."""
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        # Integers of 64 bits are too fine for float64 unless the first is taken off before.
        whole = values.dtype.kind == "i" and values.dtype.itemsize == 8
        stamps = (piece if whole else piece.astype(np.float64)) - values[0]
        places = np.arange(start, start + len(piece)) - (len(values) - 1) / 2
        yield places, stamps.astype(np.float64, copy=False)


def _line(values: np.ndarray) -> tuple[float, float, bool]:
    """Return the slope of the best line, its error, and whether the values lie on it."""
    n = len(values)
    square = n * (n * n - 1) / 12
    slope = sum(float(places @ stamps) for places, stamps in _stamps(values)) / square
    mean = sum(float(stamps.sum()) for _, stamps in _stamps(values)) / n
    furthest = squares = 0.0
    for places, stamps in _stamps(values):
        off = np.abs(stamps - mean - slope * places)
        furthest, squares = max(furthest, float(off.max())), squares + float(off @ off)
    precision = _precision(values)
    error = 6 * max(math.sqrt(squares / n), precision) / math.sqrt(square)
    least, smallest, rises = math.inf, math.inf, 0
    for piece in _pieces(values):
        steps = (piece[1:].astype(np.float64) - piece[:-1]) * (1 if slope > 0 else -1)
        least = min(least, float(steps.min()))
        risen = steps[steps > precision]
        rises += len(risen)
        smallest = min(smallest, float(risen.min(initial=math.inf)))
    if slope == 0 or not math.isfinite(slope) or least < 0:
        return slope, error, False
    loose = 0.5 if n >= _FEW else 0.02  # any few numbers that rise are near a line
    if furthest <= loose * abs(slope) + precision and least > 0:
        return slope, error, True
    # Coarse stamps: equal in places, and nowhere further from the line than a unit of theirs.
    coarse = _FEWEST <= rises < n - 1
    return slope, error, coarse and furthest <= 1.01 * smallest + precision


def _precision(values: np.ndarray) -> float:
    """Return what the values' own type leaves open."""
    if values.dtype.kind != "f":
        return 0.0
    ends = np.abs(values[[0, -1]]).max()
    return 2 * float(np.spacing(ends)) + 4 * float(np.spacing(np.float64(ends)))


def _rounded(hertz: float, error: float) -> float | None:
    """Return the roundest rate that stamps leave open within their relative error."""
    if not error <= _COARSEST or not math.isfinite(hertz):
        return None
    for step, most in ((1000, error), (100, error), (10, error), (1, max(error, _WHOLE))):
        near = round(hertz / step) * step
        if near and abs(near - hertz) <= most * hertz:
            return float(near)
    return hertz


def _counts(values: np.ndarray, slope: float) -> bool:
    """Return whether values go in whole steps."""
    step = round(slope)
    return bool(step) and all(
        (piece[1:].astype(np.float64) - piece[:-1] == step).all() for piece in _pieces(values)
    )


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
