"""Numbers that are magnitudes of a window's bins: told by what they are for some windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.importers.onnx.evaluate import Windows
from hwgen.network import Floats

_SAME = 1e-5
"""Of a window's largest number: constants in files are of single precision."""

_FEW = 5
"""Numbers by which it is found where to look."""

_CLOSE = 1e-3
"""By which two neighbours' ratio tells them from other two: only where to look."""

_LOUDNESS = (1.0, 1e-3, 1e6, 1.0)
"""Sizes of the windows, beyond what sensors give in g or in counts: what is no multiple of the
samples, such as a limit, is told by them."""

POWERS = (1, 2)
"""Magnitudes, or their squares."""


@dataclass(frozen=True, eq=False)
class Bins:
    """A tensor's numbers: ``factor * |X[bin]| ** power``.

    Parameters
    ----------
    bins
        The bin of each number, side by side.
    factor
        Positive.
    power
        One of `POWERS`.
    zero
        Whether another number stands in front, of bin 0, that is zero for all windows.
    shape
        Of the tensor.
    """

    bins: Integers
    factor: float
    power: int
    zero: bool
    shape: tuple[int, ...]


def tried(window: int) -> Floats:
    """Return a few windows ``(n, window)`` of noise."""
    rng = np.random.default_rng(0)
    noise: Floats = rng.normal(size=(len(_LOUDNESS), window)) * np.array(_LOUDNESS)[:, np.newaxis]
    return noise


def recognised(found: Windows, windows: Floats) -> Bins | None:
    """Return what bins a tensor has for `tried` windows; None where they are none.

    Bins are 0 to ``window - 1``: those of the upper half are the mirrors of the others'.
    """
    shape = np.shape(found[0])
    flat = np.array([np.ravel(each) for each in found], dtype=np.float64)
    if sum(size > 1 for size in shape) != 1 or not np.isfinite(flat).all():
        return None
    every = np.abs(np.fft.fft(windows, axis=1))
    zero = bool((np.abs(flat[:, 0]) <= _SAME * np.abs(flat).max(axis=1)).all())
    flat = flat[:, 1:] if zero else flat
    if not 2 <= flat.shape[1] <= every.shape[1]:
        return None
    for power in POWERS:
        for bins in _places(flat[0], every[0] ** power):
            wanted = every[:, bins] ** power
            factor = float(flat[0] @ wanted[0] / (wanted[0] @ wanted[0]))
            apart = np.abs(flat - factor * wanted).max(axis=1)
            if factor > 0 and (apart <= _SAME * np.abs(flat).max(axis=1)).all():
                fits = not zero or bins[0] == 1
                return Bins(bins, factor, power, zero, shape) if fits else None
    return None


def _places(numbers: Floats, every: Floats) -> Iterator[Integers]:
    """Yield which bins the numbers of one window may be, by what the first few are."""
    count = np.arange(len(numbers))
    for step in (1, -1):
        near = np.ones(len(every), dtype=np.bool_)
        for one, two, n in zip(numbers, numbers[1:_FEW], count, strict=False):
            a, b = np.roll(every, -step * n), np.roll(every, -step * (n + 1))
            near &= np.abs(one * b - two * a) <= _CLOSE * np.abs(two * a)
        firsts = np.flatnonzero(near)
        ends = firsts + step * (len(numbers) - 1)
        yield from (first + step * count for first in firsts[(ends >= 0) & (ends < len(every))])
