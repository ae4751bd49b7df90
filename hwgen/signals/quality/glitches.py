"""Few samples far beyond all others: glitches, or marks such as -9999 for a missing value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwgen.signals.store import Samples, chunks

_FAR = 50.0
"""Times half the range of the others, from its middle."""
_FEWEST, _ONE_IN = 3, 1000
"""At either end; so the others are 99.9 % or more of a long recording."""
_SHORTEST = 64


@dataclass(frozen=True)
class Glitches:
    """What lies far beyond all else.

    Parameters
    ----------
    count
        Samples.
    first, value
        Number of the first one, from 0, and what it is.
    low, high
        Range of all other samples.
    """

    count: int
    first: int
    value: float
    low: float
    high: float

    def told(self, source: str) -> str:
        """Return what the user must know of them."""
        many = "1 sample lies" if self.count == 1 else f"{self.count} samples lie"
        which = "it is" if self.count == 1 else "the first is"
        return (
            f"glitch: {many} far beyond all others of {source} ({self.low:.4g} to "
            f"{self.high:.4g}); {which} sample {self.first}, counted from 0: {self.value:.6g}; a "
            "fault of the recorder, or a mark for a missing value?"
        )


def glitches_of(samples: Samples) -> Glitches | None:
    """Return the glitches of a recording; None if it has none.

    One sample in 1000 at either end may be one (3 in a short recording), where it is 50 times as
    far from the middle of all others as those are.
    """
    if len(samples) < _SHORTEST:
        return None
    most = max(_FEWEST, len(samples) // _ONE_IN)
    lowest, highest = _tails(samples, most + 1)
    with np.errstate(over="ignore"):
        middle = lowest[-1] / 2 + highest[0] / 2
        reach = _FAR * (highest[0] / 2 - lowest[-1] / 2)
    if not 0 < reach < np.inf:
        return None
    bottom, top = middle - reach, middle + reach
    low, high = lowest[lowest >= bottom][0], highest[highest <= top][-1]
    count = int((lowest < bottom).sum() + (highest > top).sum())
    if not count:
        return None
    first, value = _first(samples, bottom, top)
    return Glitches(count, first, value, float(low), float(high))


def _tails(samples: Samples, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest samples, `count` of each, from low to high."""
    lowest = highest = np.zeros(0)
    for chunk in chunks(samples):
        lowest = np.concatenate([lowest, chunk])
        highest = np.concatenate([highest, chunk])
        if lowest.size > count:
            lowest = np.partition(lowest, count)[:count]
            highest = np.partition(highest, highest.size - count)[-count:]
    return np.sort(lowest), np.sort(highest)


def _first(samples: Samples, bottom: float, top: float) -> tuple[int, float]:
    """Return number and value of the first sample outside of a range, which there is."""
    start = 0
    for chunk in chunks(samples):
        out = np.flatnonzero((chunk < bottom) | (chunk > top))
        if out.size:
            return start + int(out[0]), float(chunk[out[0]])
        start += chunk.size
    raise AssertionError("no sample is outside")
