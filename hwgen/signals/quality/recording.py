"""What a recording as a whole tells of itself: dropouts, ends of its range, unit, offset.

Samples are looked at in pieces: a recording need not fit into memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwgen.signals.quality.windows import END, Limits, Mark, judge_windows, shortest_run
from hwgen.signals.recording import Recording
from hwgen.signals.windows import windows

LARGEST_RMS = 100.0
"""In g. No machine that a bearing survives shakes so."""

FULL_SCALE = "of full scale"
"""Unit of samples that are shares of it: 1 is the end of the range."""

_WHOLE_SPAN = 16
"""Whole numbers that span so much are counts of a converter: g come in fractions."""

_OFFSET = 2.0
"""In g: gravity, and as much again for a sensor that is not adjusted."""

_OFFSET_RMS = 4.0
"""An offset is a fault when it is also as many times the RMS: a spectrum hardly shows the rest."""

_BINS = 512
_BAND = 8
_FEWEST_AT_END = 8

_CHANCE = 1e-6
"""Of a run of equal samples in a recording whose resolution is coarse."""

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stretch:
    """Equal samples in a row.

    Parameters
    ----------
    start, stop
        Numbers of the first sample and of the first one behind.
    value
        Of each.
    """

    start: int
    stop: int
    value: float


@dataclass(frozen=True)
class Findings:
    """What was found.

    Parameters
    ----------
    source
        The recording's.
    size
        Samples.
    mean, rms
        In the recording's unit; the RMS about the mean.
    whole
        Whether all samples are whole numbers that span 16 or more.
    run
        Equal samples in a row that are a dropout here.
    dropouts
        All of them, in order.
    bottom, top
        Samples from here on are at an end of the range; infinite where none is reached.
    windows
        Windows of the length that was asked for, one behind the other.
    marked
        How many of them have a mark, by mark; those with a dropout or constant under DROPOUT.
    unit
        The recording's.
    """

    source: str
    size: int
    mean: float
    rms: float
    whole: bool
    run: int
    dropouts: tuple[Stretch, ...]
    bottom: float
    top: float
    windows: int
    marked: dict[Mark, int]
    unit: str

    @property
    def offset(self) -> bool:
        """Whether the mean is none that a vibration sensor has."""
        return self.rms > 0 and abs(self.mean) > max(_OFFSET, _OFFSET_RMS * self.rms)

    @property
    def not_g(self) -> bool:
        """Whether samples that are said to be in g cannot be."""
        return self.unit == "g" and (self.whole or self.rms > LARGEST_RMS)

    @property
    def limits(self) -> Limits:
        """Of this recording's windows, without levels."""
        return Limits(self.run, self.bottom, self.top)

    def share(self, mark: Mark) -> float:
        """Return the share of windows with a mark."""
        return self.marked[mark] / self.windows if self.windows else 0.0

    def why_not_g(self) -> str:
        """Return why the samples cannot be g; only where `not_g` holds."""
        why = ["all are whole numbers"] if self.whole else []
        if self.rms > LARGEST_RMS:
            why.append(f"their RMS is {self.rms:.4g}, and machines stay below {LARGEST_RMS:g} g")
        if self.offset:
            why.append(f"their mean is {self.mean:.4g}")
        return f"samples of {self.source} cannot be g ({', '.join(why)})"

    def remedy(self) -> str:
        """Return the options that say what samples are which cannot be g."""
        unit = "--unit counts" if self.whole else "--unit m/s2 or --unit counts"
        return f"{unit} and --offset {self.mean:.0f}" if self.offset else unit

    def notices(self) -> tuple[str, ...]:
        """Return what the user must know, a sentence each."""
        found = []
        if self.not_g:
            found.append(f"{self.why_not_g()}; say what they are with {self.remedy()}")
        if self.unit == FULL_SCALE:
            found.append(
                f"samples of {self.source} are shares of full scale, not g: they are right only "
                f"where the build's data and --full-scale are such shares too"
            )
        if self.offset and not self.not_g:
            found.append(
                f"samples of {self.source} have a mean of {self.mean:.4g} ({self.unit}) where "
                f"their RMS is {self.rms:.4g}: no vibration has; give --offset {self.mean:.4g}"
            )
        if self.dropouts:
            found.append(self._told(Mark.DROPOUT, f"{self.run} or more equal samples in a row"))
        if self.marked[Mark.CLIPPED]:
            found.append(self._told(Mark.CLIPPED, "one sample in 256 at an end of the range"))
        return tuple(found)

    def _told(self, mark: Mark, what: str) -> str:
        name = (mark.name or "").lower()
        return (
            f"{name}: {self.marked[mark]} of {self.windows} windows of {self.source} "
            f"({percent(self.share(mark))}) have {what}"
        )


def percent(share: float) -> str:
    """Return a share in per cent, never as 0 % or 100 % where it is not."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def judge_recording(
    recording: Recording, *, length: int, full_scale: float | None = None
) -> Findings:
    """Return what a recording tells of itself.

    Parameters
    ----------
    recording
        Of any length.
    length
        Samples of the windows that will be cut from it, at least 2.
    full_scale
        Positive end of the converter's range, in the recording's unit: a sample next to it is
        clipped as well. None: only the ends of the recording's own range count.
    """
    samples = recording.samples
    sums, runs = _Sums(), _Runs(shortest_run(length))
    for chunk in _chunks(samples):
        sums.add(chunk)
        runs.add(chunk)
    dropouts = runs.stretches()
    bottom, top = _ends(samples, sums.low, sums.high, dropouts)
    ends = [1.0] if recording.unit == FULL_SCALE else []
    for end in [*ends, *([] if full_scale is None else [full_scale])]:
        bottom, top = max(bottom, -end * (1 - END)), min(top, end * (1 - END))
    limits = Limits(runs.least, bottom, top)
    reached = sums.low <= bottom or sums.high >= top
    count, marked = _marked(samples, length, limits) if dropouts or reached else (0, {})
    return Findings(
        source=recording.source,
        size=samples.size,
        mean=sums.mean,
        rms=sums.rms,
        whole=sums.whole and sums.high - sums.low >= _WHOLE_SPAN,
        run=runs.least,
        dropouts=dropouts,
        bottom=bottom,
        top=top,
        windows=count or max(0, samples.size // length),
        marked={Mark.DROPOUT: 0, Mark.CLIPPED: 0} | marked,
        unit=recording.unit,
    )


def _marked(samples: Any, length: int, limits: Limits) -> tuple[int, dict[Mark, int]]:
    """Return the number of windows one behind the other, and how many have which mark."""
    if samples.size < length:
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


class _Runs:
    """Runs of equal samples over chunks.

    Parameters
    ----------
    shortest
        A shorter run is none.
    """

    def __init__(self, shortest: int) -> None:
        self._shortest = shortest
        self._done = 0
        self._open: Stretch | None = None
        self._found: list[Stretch] = []
        self._equal = 0

    def add(self, chunk: NDArray[np.float64]) -> None:
        """Take some samples, at least one."""
        edges = np.flatnonzero(chunk[1:] != chunk[:-1]) + 1
        starts = np.concatenate([[0], edges])
        stops = np.concatenate([edges, [chunk.size]])
        self._equal += int((stops - starts - 1).sum())
        if self._open is not None:
            if self._open.value == chunk[0]:
                starts[0] = self._open.start - self._done
                self._equal += 1
            else:
                self._close(self._open)
        self._open = None
        for index in np.flatnonzero(stops - starts >= self._shortest):
            if index < len(starts) - 1:
                self._close(self._stretch(chunk, starts[index], stops[index]))
        self._open = self._stretch(chunk, starts[-1], stops[-1])
        self._done += chunk.size

    def _stretch(self, chunk: NDArray[np.float64], start: int, stop: int) -> Stretch:
        return Stretch(int(start) + self._done, int(stop) + self._done, float(chunk[stop - 1]))

    def _close(self, run: Stretch) -> None:
        if run.stop - run.start >= self._shortest:
            self._found.append(run)

    def _every(self) -> list[Stretch]:
        last = self._open
        ends = last is not None and last.stop - last.start >= self._shortest
        return [*self._found, *([last] if ends and last is not None else [])]

    @property
    def least(self) -> int:
        """Equal samples in a row that are no chance.

        With a share p of equal neighbours elsewhere, k of them come by chance about n p^(k - 1)
        times in n samples.
        """
        found = self._every()
        inside = sum(run.stop - run.start for run in found)
        pairs = self._done - inside
        equal = self._equal - (inside - len(found))
        if pairs < 2 or equal <= 0:
            return self._shortest
        share = min(equal / pairs, 1 - 1 / pairs)
        chance = 1 + math.log(_CHANCE / self._done) / math.log(share)
        return max(self._shortest, math.ceil(chance))

    def stretches(self) -> tuple[Stretch, ...]:
        """Return all that are no chance, in order."""
        least = self.least
        return tuple(run for run in self._every() if run.stop - run.start >= least)


def _ends(
    samples: Any, low: float, high: float, dropouts: tuple[Stretch, ...]
) -> tuple[float, float]:
    """Return from where on samples are at the ends of the recording's own range.

    An end is reached where samples pile up: more in the last bin of 512 than in the eight before
    it (and than in two that hold samples, however coarse the resolution). No density that falls
    off towards its end does so, nor a sine's.
    """
    width = (high - low) / _BINS
    if not (math.isfinite(width) and width > 0):
        return -math.inf, math.inf
    counts = np.zeros(_BINS, dtype=np.int64)
    for chunk in _chunks(samples):
        counts += np.bincount(_bin(chunk, low, width), minlength=_BINS)
    for run in dropouts:
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


def _chunks(samples: Any) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(samples), _CHUNK):
        yield np.asarray(samples[start : start + _CHUNK])
