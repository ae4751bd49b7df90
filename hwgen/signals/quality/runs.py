"""Runs of equal samples: a sensor that measures does not repeat itself for long."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_CHANCE = 1e-6
"""Of a run of equal samples in a recording whose resolution is coarse."""


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


class Runs:
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
        same = np.flatnonzero(chunk[1:] == chunk[:-1])  # a sample and the next: mostly very few
        self._equal += same.size
        breaks = np.flatnonzero(np.diff(same) != 1) + 1
        starts = same[np.concatenate([[0], breaks])] if same.size else same
        stops = same[np.concatenate([breaks, [same.size]]) - 1] + 2 if same.size else same
        told = (stops - starts >= self._shortest) | (starts == 0) | (stops == chunk.size)
        spans = list(zip(starts[told].tolist(), stops[told].tolist(), strict=True))
        if not spans or spans[0][0] > 0:
            spans.insert(0, (0, 1))
        if spans[-1][1] < chunk.size:
            spans.append((chunk.size - 1, chunk.size))
        runs = [Stretch(a + self._done, b + self._done, float(chunk[a])) for a, b in spans]
        if self._open is not None:
            if self._open.value == chunk[0]:
                runs[0] = replace(runs[0], start=self._open.start)
                self._equal += 1
            else:
                self._close(self._open)
        for run in runs[:-1]:
            self._close(run)
        self._open = runs[-1]
        self._done += chunk.size

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
        times in n samples. Where such a run is no dropout it is elsewhere too: until none is left.
        """
        lengths = np.array([run.stop - run.start for run in self._every()], dtype=np.int64)
        least = self._shortest
        while True:
            gone = lengths[lengths >= least]
            pairs = self._done - int(gone.sum())
            equal = self._equal - int((gone - 1).sum())
            if pairs < 2 or equal <= 0:
                return least
            share = min(equal / pairs, 1 - 1 / pairs)
            wanted = math.ceil(1 + math.log(_CHANCE / self._done) / math.log(share))
            if wanted <= least:
                return least
            least = wanted

    def stretches(self) -> tuple[Stretch, ...]:
        """Return all that are no chance, in order."""
        least = self.least
        return tuple(run for run in self._every() if run.stop - run.start >= least)
