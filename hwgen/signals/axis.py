"""Vectors that are time, or count: told by their values, and what rate they give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwgen.signals.axis_names import (
    IN_SECONDS,
    called_by_unit,
    is_frequency,
    no_time,
    says_time,
    time_unit,
)
from hwgen.signals.formats import Channel
from hwgen.signals.gaps import PIECE, Gaps, gaps_in

_EPOCHS = ((1e9, 2.2e9, "s"), (1e12, 2.2e12, "ms"), (1e15, 2.2e15, "us"), (1e18, 2.2e18, "ns"))
"""Stamps since 1970 of the years 2001 to 2039."""
_DAYS = ((6e5, 8e5, "days since the year 0, as MATLAB's datenum"), (4e4, 6e4, "days as in Excel"))
_DAYS_STEP_S = 0.1
"""The longest step for which numbers of that size are days; as seconds it would be about 1 us."""
_FEWEST, _FEW = 3, 8
_HEAD = 1024
_COARSEST = 0.01
"""Relative error of a rate, from stamps that are rounded, that is still given."""
_WHOLE = 1e-4
"""A whole number of Hz that is so near is what the recorder was set to."""


class Kind(Enum):
    """What an axis is."""

    TIME = "time"
    COUNT = "a count of rows"
    UNEVEN = "time in unequal steps"
    FREQUENCY = "a frequency"
    OTHER = "an axis, but not of time"


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
        Of its stamps: ``"s"``, ``"ms"``, ``"us"``, ``"ns"``, ``"min"``, ``"h"``, ``"d"``; what it
        is in, or is, where it is not time: ``"deg"``.
    stated
        Whether the file says so; else seconds are assumed.
    notices
        What the user must know of it.
    """

    name: str
    length: int
    kind: Kind
    hertz: float | None = None
    unit: str = "s"
    stated: bool = False
    notices: tuple[str, ...] = ()


def axis_of(channel: Channel, values: np.ndarray) -> Axis | None:
    """Return what axis a channel is by its `values` (n,); None for a signal.

    Stamps in equal steps, each within half a step of a straight line, are time whatever their
    name, unless it says something else; so are stamps that only rise and are equal in places, as
    their unit is too coarse for the rate, and those with gaps of whole steps. Whole numbers in
    equal steps without a name or unit of time count. What is called time and does neither is
    uneven.
    """
    unit, other = time_unit(channel), no_time(channel)
    known = says_time(channel.name) or unit is not None
    if not _may_be_axis(values, known):
        return None
    line = _joined(values)
    if not line.steady:
        return Axis(channel.name, len(values), Kind.UNEVEN) if known and not other else None
    said = line.told(channel.name)
    if other and unit is None:
        kind = Kind.FREQUENCY if is_frequency(other) else Kind.OTHER
        return Axis(channel.name, len(values), kind, unit=other)
    found = unit or _epoch(float(values[0]))
    if line.slope < 0 or (not (known or found) and _counts(line.stamps, line.slope)):
        return Axis(channel.name, len(values), Kind.COUNT, notices=said)
    found = found or called_by_unit(channel.name)
    if not found and (days := _days(float(values[0]), line.slope)):
        found, said = "d", (*said, f"{channel.name[:80]!r} is read as {days}")
    scale = found or "s"
    hertz = _rounded(1 / (line.slope * IN_SECONDS[scale]), line.error / line.slope)
    return Axis(channel.name, len(values), Kind.TIME, hertz, scale, bool(found), said)


def _may_be_axis(values: np.ndarray, known: bool) -> bool:
    """Return whether values are real, finite and more than a few, and do not swing."""
    if values.dtype.kind not in "iuf" or len(values) < _FEWEST:
        return False
    if not known and goes_both_ways(values[:_HEAD]):  # tells most signals
        return False
    return all(np.isfinite(piece).all() for piece in _pieces(values))


@dataclass(frozen=True, eq=False)
class _Line:
    """The best line through stamps, once gaps are taken out; `steady`: they lie on it."""

    stamps: np.ndarray
    slope: float
    error: float
    steady: bool
    gaps: Gaps | None = None
    rounded: bool = False

    def told(self, name: str) -> tuple[str, ...]:
        if self.gaps is None:
            return ()
        if not self.rounded:
            return (self.gaps.told(name),)
        return (
            f"each {round(len(self.stamps) / self.gaps.count)}th step of {name[:80]!r} is twice as "
            "long: that is taken for rounding, not for gaps",
        )


def _joined(values: np.ndarray) -> _Line:
    """Return the line of stamps; a gap would bend it."""
    whole = _Line(values, *_line(values))
    gaps = gaps_in(values) if whole.slope > 0 else None
    if gaps is None:
        return whole
    if whole.steady and gaps.even and _is_round(1 / whole.slope, whole.error / whole.slope):
        return _Line(values, whole.slope, whole.error, True, gaps, rounded=True)
    joined = _Line(gaps.joined, *_line(gaps.joined, _precision(values)), gaps)
    return joined if joined.steady else whole


def _is_round(hertz: float, error: float) -> bool:
    """Return whether a rate, in Hz or kHz or MHz, is one that recorders are set to."""
    found = _rounded(hertz, error) or 0.0
    return found >= 100 and found % 100 == 0


def goes_both_ways(values: np.ndarray) -> bool:
    """Return whether values rise somewhere and fall somewhere: no axis does."""
    later, earlier = values[1:], values[:-1]  # not subtracted: integers may have no sign
    return bool((later > earlier).any() and (later < earlier).any())


def _pieces(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield stretches that overlap by one: recordings are long."""
    for start in range(0, max(1, len(values) - 1), PIECE):
        yield values[start : start + PIECE + 1]


def _stamps(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places, from the middle, and values, from the first, in pieces of float64."""
    for start in range(0, len(values), PIECE):
        piece = values[start : start + PIECE]
        # Integers of 64 bits are too fine for float64 unless the first is taken off before.
        whole = values.dtype.kind == "i" and values.dtype.itemsize == 8
        stamps = (piece if whole else piece.astype(np.float64)) - values[0]
        places = np.arange(start, start + len(piece)) - (len(values) - 1) / 2
        yield places, stamps.astype(np.float64, copy=False)


def _line(values: np.ndarray, precision: float | None = None) -> tuple[float, float, bool]:
    """Return the slope of the best line, its error, and whether the values lie on it.

    `precision` is what they leave open; None: what their type does.
    """
    n = len(values)
    square = n * (n * n - 1) / 12
    slope = sum(float(places @ stamps) for places, stamps in _stamps(values)) / square
    mean = sum(float(stamps.sum()) for _, stamps in _stamps(values)) / n
    furthest = squares = 0.0
    for places, stamps in _stamps(values):
        off = np.abs(stamps - mean - slope * places)
        furthest, squares = max(furthest, float(off.max())), squares + float(off @ off)
    precision = _precision(values) if precision is None else precision
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


def _days(first: float, slope: float) -> str | None:
    """Return which days stamps count, if no seconds of that size would go on so finely."""
    if slope * IN_SECONDS["d"] > _DAYS_STEP_S:
        return None
    return next((name for low, high, name in _DAYS if low < first < high), None)


def _epoch(first: float) -> str | None:
    return next((unit for low, high, unit in _EPOCHS if low < first < high), None)
