"""Back through a normalisation of each window by itself: what it is divided by moves too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwgen.network import Floats
from hwgen.network.ops.normalise import Normalise


def back(op: Normalise, xs: tuple[Floats, ...], y: Floats, g: Floats) -> tuple[Floats, ...]:
    """Return the derivative by what is read, of `g` by what is given."""
    (x,) = xs
    return (_BACK[op.method](x.reshape(g.shape), y, g).reshape(x.shape),)


def _mean(x: Floats, y: Floats, g: Floats) -> Floats:
    del x, y
    found: Floats = g - g.mean(axis=-1, keepdims=True)
    return found


def _score(x: Floats, y: Floats, g: Floats) -> Floats:
    along = (g * y).mean(axis=-1, keepdims=True)
    return _over(_mean(x, y, g) - y * along, x.std(axis=-1, keepdims=True), y)


def _largest(x: Floats, y: Floats, g: Floats) -> Floats:
    size = np.abs(x)
    at = size.argmax(axis=-1)[..., None]
    moved = g.copy()
    pull = np.take_along_axis(np.sign(x), at, -1) * (g * y).sum(axis=-1, keepdims=True)
    np.put_along_axis(moved, at, np.take_along_axis(moved, at, -1) - pull, -1)
    return _over(moved, size.max(axis=-1, keepdims=True), y)


def _between(x: Floats, y: Floats, g: Floats) -> Floats:
    return _by_ends(x, y, g, slope=1.0, low=1.0, high=0.0)


def _both_ways(x: Floats, y: Floats, g: Floats) -> Floats:
    return _by_ends(x, y, g, slope=2.0, low=1.0, high=1.0)


def _by_ends(x: Floats, y: Floats, g: Floats, *, slope: float, low: float, high: float) -> Floats:
    """Of ``y = (slope x - low lowest - high highest + ...) / (highest - lowest)``.

    The least sample pulls all by ``y - low`` and the largest by ``-y - high``.
    """
    least, most = x.argmin(axis=-1)[..., None], x.argmax(axis=-1)[..., None]
    moved = slope * g
    for at, pull in ((least, y - low), (most, -y - high)):
        part = (g * pull).sum(axis=-1, keepdims=True)
        np.put_along_axis(moved, at, np.take_along_axis(moved, at, -1) + part, -1)
    return _over(moved, np.ptp(x, axis=-1)[..., None], y)


def _over(moved: Floats, spread: Floats, y: Floats) -> Floats:
    """Return ``moved / spread``; zeros where there was no spread, and so all values are 0."""
    there = (spread > 0) & (y != 0).any(axis=-1, keepdims=True)
    divided: Floats = np.where(there, moved / np.where(there, spread, 1.0), 0.0)
    return divided


_BACK: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "mean": _mean,
    "z-score": _score,
    "max-abs": _largest,
    "min-max": _between,
    "min-max-signed": _both_ways,
}
