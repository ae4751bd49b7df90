"""Runs of equal samples: a sensor that measures does not repeat itself for long."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
