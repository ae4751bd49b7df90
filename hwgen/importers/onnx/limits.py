"""Functions that are a line between two limits, or a line with one: clips of any line.

They are told by what they compute. Where they bend is looked for first, and then they are compared
with the clip of that line, closely around the bends and far from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from hwgen.importers.onnx.curve import Number
from hwgen.network import Floats
from hwgen.network.functions import FUNCTIONS

_Three = tuple[Number, Number, Number]

_FAR = 1e7
"""Beyond all bends that are looked for."""

_SAME = 1e-6
"""Of the height that a function has come to since its bend, by which it may miss the clip's."""

_LEAST = 1e-6
"""Distance from a bend, in what is read, from which on it counts as such."""

_ROUNDED = 1e-12
"""Of what functions read and give there, which double precision may lose."""

_NARROW = 1e-9
"""Of where it is: between limits that are closer than that a function is a step, not a line."""

_AWAY = np.logspace(-7.0, 7.0, 281)
"""Distances from a bend at which functions are compared."""

_HALVINGS = 120


def limited(function: Number) -> list[Number] | None:
    """Return a line, a ReLU (of 6 where there are two limits) and another line, behind each other.

    None for a function that these are not.
    """
    with np.errstate(all="ignore"):
        ends = function(np.array([-2.0, -1.0, 1.0, 2.0]) * _FAR)
        if not np.isfinite(ends).all():
            return None
        left, right = (
            math.isclose(one, two, rel_tol=_ROUNDED) for one, two in ends.reshape(2, 2).tolist()
        )
        if left and right:
            found = _between(function, float(ends[0]), float(ends[3]))
        elif left or right:
            found = _one(function, float(ends[0] if left else ends[3]), ends[2:] - ends[:2])
        else:
            return None
    return None if found is None else list(found)


def _between(function: Number, first: float, last: float) -> _Three | None:
    """Return the parts of a function that is flat far out on both sides."""
    height = last - first
    if height == 0.0:
        return None
    # The line goes through a quarter and three quarters of the height.
    shares = np.array([0.25, 0.75])
    low, high = np.full(2, -_FAR), np.full(2, _FAR)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        above = (function(middle) - first) / height > shares
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    width = 2.0 * float(high[1] - high[0])
    bend = float(high[0]) - width / 4.0
    if width < _NARROW * (1.0 + abs(bend)):
        return None
    gain = 6.0 / width

    def before(x: Floats) -> Floats:
        return gain * (x - bend)

    def behind(x: Floats) -> Floats:
        return height / 6.0 * x + first

    inside = np.linspace(-0.5, 1.5, 401) * width + bend
    places = np.concatenate([inside, _around(bend), _around(bend + width)])
    wanted = behind(FUNCTIONS["relu6"](before(places), 0.0))
    near = np.minimum(np.abs(places - bend), np.abs(places - bend - width))
    most = _SAME * abs(height) * np.minimum(1.0, (near + _LEAST) / width)
    most += _ROUNDED * (abs(first) + abs(last) + abs(height / width * bend))
    return _checked(function, places, wanted, most, (before, _function("relu6"), behind))


def _one(function: Number, level: float, rise: Floats) -> _Three | None:
    """Return the parts of a function that is flat far out on one side only."""
    side = -1.0 if abs(rise[0]) > abs(rise[1]) else 1.0
    far, farther = function(side * np.array([1.0, 2.0]) * _FAR)
    slope = (farther - far) / (side * _FAR)
    bend = side * _FAR + (level - far) / slope
    # Once more from close by, where less is lost to rounding.
    close = bend + side * (1.0 + abs(bend)) * np.array([1.0, 2.0])
    one, two = function(close)
    slope = (two - one) / (close[1] - close[0])
    if not np.isfinite(slope) or slope == 0.0:
        return None
    bend = float(close[0] + (level - one) / slope)
    # With it the slanted side is what a ReLU keeps.
    sign = 1.0 if side * slope > 0.0 else -1.0
    gain = sign * float(slope)

    def before(x: Floats) -> Floats:
        return gain * (x - bend)

    def behind(x: Floats) -> Floats:
        return sign * x + level

    places = _around(bend)
    wanted = behind(np.maximum(before(places), 0.0))
    most = _SAME * abs(gain) * (np.abs(places - bend) + _LEAST)
    most += _ROUNDED * (abs(level) + abs(gain * bend))
    return _checked(function, places, wanted, most, (before, _function("relu"), behind))


def _around(bend: float) -> Floats:
    return np.concatenate([bend - _AWAY, bend + _AWAY, np.full(1, bend)])


def _function(name: str) -> Callable[[Floats], Floats]:
    return lambda x: FUNCTIONS[name](x, 0.0)


def _checked(
    function: Number, places: Floats, wanted: Floats, most: Floats, found: _Three
) -> _Three | None:
    """Return what was found if it is so at all places."""
    missed = np.abs(function(places) - wanted)
    return found if bool((missed <= most).all()) else None
