"""Gaps in time stamps: samples that are missing, among others in equal steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

PIECE = 1 << 18
"""Stamps that are looked at together: recordings are long."""

_FEWEST = 16
_MOST = 0.1
"""Share of steps that can be gaps; where there are more, stamps are rounded, or steps unequal."""
_LONGER, _SHORTER = 1.5, 0.5
"""In steps: from where on a step is a gap, and below which the others are unequal."""
_OFF_WHOLE = 0.25


@dataclass(frozen=True, eq=False)
class Gaps:
    """Where samples are missing.

    Parameters
    ----------
    first
        Number of the last sample before the first gap.
    count, missing
        Gaps, and samples that would be in them.
    joined
        (n,) float64: stamps from 0 as they would be without gaps.
    even
        Whether each is of one sample, and they come as evenly as they can: as rounding leaves them.
    """

    first: int
    count: int
    missing: int
    joined: np.ndarray
    even: bool

    def told(self, name: str) -> str:
        """Return what the user must know of them."""
        gaps = "1 gap" if self.count == 1 else f"{self.count} gaps"
        the = "it is" if self.count == 1 else "the first is"
        return (
            f"the stamps of {name[:80]!r} have {gaps} ({self.missing} missing); {the} between "
            f"samples {self.first} and {self.first + 1}, counted from 0; the samples are joined "
            "there"
        )


def gaps_in(values: np.ndarray) -> Gaps | None:
    """Return the gaps in stamps (n,) that rise; None if they have none, or no other equal steps.

    A gap is a step of about a whole multiple of the usual one, which is the mean of all that are
    near their median.
    """
    if len(values) < _FEWEST:
        return None
    found = _long(values)
    if found is None or not found[0].size:
        return None
    at, size, total = found
    step = total / (len(values) - 1 - at.size)
    many = np.rint(size / step)
    if not np.abs(size / step - many).max() <= _OFF_WHOLE:
        return None
    joined = np.concatenate([[0.0], *_steps(values)])
    joined[at + 1] -= (many - 1) * step
    np.cumsum(joined, out=joined)
    apart = np.diff(at)
    even = at.size > 2 and bool((many == 2).all()) and int(np.ptp(apart)) <= 2
    return Gaps(int(at[0]), int(at.size), int((many - 1).sum()), joined, even)


def _long(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Return places and sizes of long steps, and the sum of the others; None if too many differ."""
    usual = float(np.median(next(_steps(values))))
    if not usual > 0:
        return None
    places: list[np.ndarray] = []
    sizes: list[np.ndarray] = []
    total = 0.0
    for number, steps in enumerate(_steps(values)):
        if steps.min() < _SHORTER * usual:
            return None
        long = np.flatnonzero(steps > _LONGER * usual)
        places.append(long + number * PIECE)
        sizes.append(steps[long])
        total += float(steps.sum()) - float(steps[long].sum())
        if sum(map(len, places)) > _MOST * len(values):
            return None
    return np.concatenate(places), np.concatenate(sizes), total


def _steps(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield steps in float64; whole numbers are too fine for it before they are subtracted."""
    for start in range(0, len(values) - 1, PIECE):
        piece = values[start : start + PIECE + 1]
        whole = values.dtype.kind == "i" and values.dtype.itemsize == 8
        yield np.diff(piece if whole else piece.astype(np.float64)).astype(np.float64, copy=False)
