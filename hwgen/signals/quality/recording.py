"""What a recording as a whole tells of itself: dropouts, ends of its range, unit, offset.

Samples are looked at in pieces: a recording need not fit into memory.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwgen.signals.quality.findings import Findings
from hwgen.signals.quality.glitches import glitches_of
from hwgen.signals.quality.runs import Runs, Stretch
from hwgen.signals.quality.windows import END, Limits, Mark, judge_windows, shortest_run
from hwgen.signals.recording import Recording
from hwgen.signals.store import Samples, chunks
from hwgen.signals.units import SHARES
from hwgen.signals.windows import windows

_WHOLE_SPAN = 16
"""Whole numbers that span so much are counts of a converter: g come in fractions."""

_BINS = 512
_BAND = 8
_FEWEST_AT_END = 8


def judge_recording(
    recording: Recording, *, length: int, full_scale: float | None = None
) -> Findings:
    """Return what a recording tells of itself.

    Parameters
    ----------
    recording
        Of any length, and one channel.
    length
        Samples of the windows that will be cut from it, at least 2.
    full_scale
        Positive end of the converter's range, in the recording's unit: a sample next to it is
        clipped as well. None: only the ends of the recording's own range count.
    """
    samples = recording.samples
    sums, runs = _Sums(), Runs(shortest_run(length))
    for chunk in chunks(samples):
        sums.add(chunk)
        runs.add(chunk)
    dropouts = runs.stretches()
    glitches = glitches_of(samples)
    low, high = (glitches.low, glitches.high) if glitches else (sums.low, sums.high)
    bottom, top = _ends(samples, low, high, dropouts)
    ends = [1.0] if recording.unit == SHARES else []
    for end in [*ends, *([] if full_scale is None else [full_scale])]:
        bottom, top = max(bottom, -end * (1 - END)), min(top, end * (1 - END))
    limits = Limits(runs.least, bottom, top)
    reached = sums.low <= bottom or sums.high >= top
    count, marked = _marked(samples, length, limits) if dropouts or reached else (0, {})
    return Findings(
        source=recording.source,
        size=len(samples),
        mean=sums.mean,
        rms=sums.rms,
        whole=sums.whole and sums.high - sums.low >= _WHOLE_SPAN,
        run=runs.least,
        dropouts=dropouts,
        bottom=bottom,
        top=top,
        windows=count or max(0, len(samples) // length),
        marked={Mark.DROPOUT: 0, Mark.CLIPPED: 0} | marked,
        unit=recording.unit,
        glitches=glitches,
    )


def _marked(samples: Samples, length: int, limits: Limits) -> tuple[int, dict[Mark, int]]:
    """Return the number of windows one behind the other, and how many have which mark."""
    if len(samples) < length:
        return 0, {}
    marks = judge_windows(windows(samples, length, length), limits)
    gone = Mark.DROPOUT | Mark.STUCK
    found = {Mark.DROPOUT: gone, Mark.CLIPPED: Mark.CLIPPED}
    return len(marks), {
        name: int(np.count_nonzero(marks & bits.value)) for name, bits in found.items()
    }


class _Sums:
    """Mean, RMS and range, and whether all are whole numbers; over chunks."""

    def __init__(self) -> None:
        self.low, self.high, self.whole = math.inf, -math.inf, True
        self._count = 0
        self._first = self._sum = self._squares = 0.0

    def add(self, chunk: NDArray[np.float64]) -> None:
        """Take some samples, at least one."""
        if not self._count:
            self._first = float(chunk[0])
        # About a value of the recording, so that a large offset costs no digits.
        centred = chunk - self._first
        self._sum += float(centred.sum())
        self._squares += float(np.square(centred).sum())
        self._count += chunk.size
        self.low, self.high = min(self.low, float(chunk.min())), max(self.high, float(chunk.max()))
        self.whole = self.whole and bool((chunk == np.rint(chunk)).all())

    @property
    def mean(self) -> float:
        """Of all samples."""
        return self._first + self._sum / self._count

    @property
    def rms(self) -> float:
        """About the mean."""
        middle = self._sum / self._count
        return math.sqrt(max(0.0, self._squares / self._count - middle * middle))


def _ends(
    samples: Samples, low: float, high: float, dropouts: tuple[Stretch, ...]
) -> tuple[float, float]:
    """Return from where on samples are at the ends of the recording's own range.

    An end is reached where samples pile up: more in the last bin of 512 than in the eight before
    it (and than in two that hold samples, however coarse the resolution). No density that falls
    off towards its end does so, nor a sine's. Samples outside of `low` to `high` are glitches: one
    would make so wide a bin that all others fall into the last.
    """
    width = (high - low) / _BINS
    if not (math.isfinite(width) and width > 0):
        return -math.inf, math.inf
    counts = np.zeros(_BINS, dtype=np.int64)
    for chunk in chunks(samples):
        inside = chunk[(chunk >= low) & (chunk <= high)]
        counts += np.bincount(_bin(inside, low, width), minlength=_BINS)
    for run in dropouts:
        if low <= run.value <= high:
            counts[_bin(np.array([run.value]), low, width)[0]] -= run.stop - run.start
    bottom = low + width if _piled(counts) else -math.inf
    top = high - width if _piled(counts[::-1]) else math.inf
    return bottom, top


def _bin(x: NDArray[np.float64], low: float, width: float) -> NDArray[np.int64]:
    return np.minimum((x - low) / width, _BINS - 1).astype(np.int64)


def _piled(counts: NDArray[np.int64]) -> bool:
    """Return whether the first bin is a heap."""
    occupied = np.flatnonzero(counts[1:]) + 1
    reach = max(_BAND, int(occupied[1]) if len(occupied) > 1 else _BINS)
    return bool(counts[0] >= _FEWEST_AT_END and counts[0] > counts[1 : reach + 1].sum())
