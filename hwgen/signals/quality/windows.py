"""Marks on windows: what makes a class of them worth nothing.

Words and rules are the board's where it has them: `hwgen.protocol.SensorFault`,
`hwgen.gateware.sensors.watch`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwgen.protocol import SensorFault

FAR_DB = 12.0
"""A level so far outside of those that calibration saw is far from its data: a factor of 4."""

CLIPS = 256
"""A window is clipped when one of so many samples is at an end of the range, as on a board."""

END = 2.0**-8
"""Such a share of the range next to its end counts as the end, as on a board."""

_RUN_SHARE = 32
_SHORTEST_RUN = 16

_BATCH = 1 << 20
"""Samples that are judged together."""


class Mark(enum.IntFlag):
    """What is wrong with a window. The first two are the board's `SensorFault` of that name."""

    STUCK = SensorFault.STUCK.value
    """All samples are equal: constant."""
    CLIPPED = SensorFault.CLIPPED.value
    """One sample in 256 is at an end of the range."""
    DROPOUT = 16
    """A stretch of equal samples, a 32nd of the window or longer: the signal was gone."""
    FAR = 32
    """The level is 12 dB or more outside of what calibration saw."""
    UNKNOWN = 64
    """No class fits well enough: the margin is below the board's threshold."""


@dataclass(frozen=True)
class Limits:
    """Where a window's marks begin.

    Parameters
    ----------
    run
        Equal samples in a row that are a dropout; None: `shortest_run` of the window.
    bottom, top
        Samples from here on are at an end of the range.
    low_db, high_db
        Lowest and highest level that calibration saw, in dB re 1 g; None: not known, and then
        no window is far.
    """

    run: int | None = None
    bottom: float = -np.inf
    top: float = np.inf
    low_db: float | None = None
    high_db: float | None = None


def shortest_run(length: int) -> int:
    """Return how many equal samples in a row are a dropout, in windows of `length`."""
    return max(_SHORTEST_RUN, length // _RUN_SHARE)


def judge_windows(windows: Any, limits: Limits | Sequence[Limits]) -> NDArray[np.int64]:
    """Return the marks of each window, `Mark.UNKNOWN` excepted.

    Parameters
    ----------
    windows
        (n, length) or (n, channels, length), in g; anything of that shape whose slices are such
        arrays. A mark of one channel is one of the window.
    limits
        Where marks begin, for all channels or for each; the levels, which are a window's as a
        whole, are the first one's.

    Returns
    -------
    (n,) values of `Mark`; 0 for a window that may be classified.
    """
    each = (limits,) if isinstance(limits, Limits) else tuple(limits)
    parts = [_judge(batch, each) for batch in _batches(windows)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _judge(x: NDArray[np.float64], limits: Sequence[Limits]) -> NDArray[np.int64]:
    channels = x[:, np.newaxis] if x.ndim == 2 else x
    each = limits if len(limits) == channels.shape[1] else [limits[0]] * channels.shape[1]
    marks = np.zeros(len(x), dtype=np.int64)
    for number, one in enumerate(each):
        marks |= _judge_channel(channels[:, number], one)
    off = decibels_off(levels(x), limits[0])
    far = (np.abs(off) >= FAR_DB) & (marks & Mark.STUCK.value == 0)
    return np.asarray(marks + far * Mark.FAR.value, dtype=np.int64)


def _judge_channel(x: NDArray[np.float64], limits: Limits) -> NDArray[np.int64]:
    """Return the marks that do not depend on levels."""
    length = x.shape[1]
    run = min(limits.run or shortest_run(length), length)
    stuck = (x == x[:, :1]).all(axis=1)
    dropped = _has_run(x, run) & ~stuck
    at_end = np.count_nonzero((x <= limits.bottom) | (x >= limits.top), axis=1)
    clipped = at_end >= -(-length // CLIPS)
    marks = stuck * Mark.STUCK.value + clipped * Mark.CLIPPED.value
    return np.asarray(marks + dropped * Mark.DROPOUT.value, dtype=np.int64)


def _has_run(x: NDArray[np.float64], run: int) -> NDArray[np.bool_]:
    """Return which rows have `run` equal values in a row."""
    if run < 2:
        return np.ones(len(x), dtype=bool)
    equal = np.zeros(x.shape, dtype=np.int32)
    np.cumsum(x[:, 1:] == x[:, :-1], axis=1, out=equal[:, 1:])
    found: NDArray[np.bool_] = (equal[:, run - 1 :] - equal[:, : 1 - run] == run - 1).any(axis=1)
    return found


def levels(windows: Any) -> NDArray[np.float64]:
    """Return the level of each window: its RMS about its mean, in dB re 1 g.

    The mean does not count, as the spectrum of the published network has no bin 0. A constant
    window is at minus infinity. Windows are ``(n, length)``, or ``(n, channels, length)``: then
    the RMS is that of all channels, each about its own mean.
    """
    parts = [_deviation(batch) for batch in _batches(windows)]
    rms = np.concatenate(parts) if parts else np.zeros(0)
    with np.errstate(divide="ignore"):
        decibels: NDArray[np.float64] = 20 * np.log10(rms)
    return decibels


def _deviation(x: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.std(x, axis=-1)
    return found if found.ndim == 1 else np.sqrt(np.mean(np.square(found), axis=1))


def level_range(windows: Iterable[Any]) -> tuple[float, float] | None:
    """Return the lowest and the highest level of arrays of windows; None if there is none."""
    found = np.concatenate([np.zeros(0), *(levels(each) for each in windows)])
    found = found[np.isfinite(found)]
    return (float(found.min()), float(found.max())) if found.size else None


def decibels_off(found: NDArray[np.float64], limits: Limits) -> NDArray[np.float64]:
    """Return by how much levels ``(n,)`` are above (or, negative, below) calibration's; else 0."""
    if limits.low_db is None or limits.high_db is None:
        return np.zeros(found.shape)
    return np.maximum(found - limits.high_db, 0) + np.minimum(found - limits.low_db, 0)


def remark(marks: int, off_db: float = 0.0) -> str:
    """Return the marks of a window as text, such as ``"dropout, far: +38 dB"``; "" for none.

    Parameters
    ----------
    marks
        Of `Mark`.
    off_db
        As `decibels_off` has it.
    """
    words = []
    for mark in Mark(marks):
        word = (mark.name or str(mark.value)).lower()
        words.append(f"{word}: {off_db:+.0f} dB" if mark is Mark.FAR else word)
    return ", ".join(words)


def _batches(windows: Any) -> Iterator[NDArray[np.float64]]:
    """Yield the windows in arrays of a bounded size."""
    count = len(windows)
    if not count:
        return
    step = max(1, _BATCH // math.prod(windows.shape[1:]))
    for start in range(0, count, step):
        yield np.asarray(windows[start : start + step], dtype=np.float64)
