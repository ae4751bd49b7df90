"""Which windows of a recording are explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import signals
from hwgen.errors import InputError, UsageError
from hwgen.explain import class_names
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Network

_LOOKED = 64
"""Windows that are classified together; without a class of the user's, all that are looked at."""


@dataclass(frozen=True)
class Which:
    """What the user says of the window.

    Parameters
    ----------
    name
        Of a class; None: what the network says.
    at
        Seconds at which it begins; None: not said.
    number
        Of the window, from 1, each beginning where the one before ends; None: not said.
    windows
        Over how many the spectra are averaged, at most.
    """

    name: str | None = None
    at: float | None = None
    number: int | None = None
    windows: int = 16


@dataclass(frozen=True, eq=False)
class Chosen:
    """Windows to explain.

    Parameters
    ----------
    starts
        First samples; the first window is the one that is drawn.
    x
        ``(n, [channels,] samples)``, as in the recording.
    notes
        What the user must know of the choice.
    """

    starts: tuple[int, ...]
    x: Floats
    notes: tuple[str, ...] = ()


def choose(
    network: Network, recording: signals.Recording, scale: float, rate: float | None, which: Which
) -> Chosen:
    """Return the window that is asked for, and others that the network says the same of.

    Without a class, the class is the one of most of the first windows; without a place, the window
    is the first one of the class, or the first of all where there is none. The others follow it.

    Raises
    ------
    UsageError
        If there is no such window or class.
    """
    if which.at is not None and which.number is not None:
        raise UsageError("--at and --number both say which window; give one of the two")
    names = class_names(network)
    if which.name is not None and names and which.name not in names:
        raise UsageError(f"--class must be one of {', '.join(names)}, not {which.name!r}")
    search = _Search(network, recording, scale)
    wanted = names.index(which.name) if which.name in names else None
    notes: tuple[str, ...] = ()
    start = _start(search, rate, which)
    if start is None and network.class_output is not None:
        wanted = search.usual() if wanted is None else wanted
        found = search.first(wanted)
        if found is None:
            notes = (
                f"the network says {names[wanted]} of no window of {recording.source}; "
                "the first one is explained",
            )
        start = (found or 0) * search.length
    start = start or 0
    said = None
    if network.class_output is not None:
        said = int(search.classes(np.array([start]))[0])
    return search.beside(start, said, which.windows, notes)


class _Search:
    """The classes of windows, a batch at a time."""

    def __init__(self, network: Network, recording: signals.Recording, scale: float) -> None:
        self.network, self.samples, self.scale = network, recording.samples, scale
        self.source, self.length = recording.source, network.input_samples
        self.count = len(self.samples) // self.length
        self.last = len(self.samples) - self.length

    def cut(self, starts: Integers) -> Floats:
        """Return windows, ``(n, [channels,] samples)``."""
        every = [np.asarray(self.samples[int(at) : int(at) + self.length]).T for at in starts]
        return np.stack(every)

    def classes(self, starts: Integers) -> Integers:
        """Return the number of each window's class."""
        found: Any = self.network.run(self.cut(starts) * self.scale)
        if not np.isfinite(found).all():
            raise InputError(
                f"{self.network.name} answers {self.source} with numbers that are not finite; "
                "check --input-scale, the unit and the weights"
            )
        return np.asarray(found.argmax(axis=1))

    def usual(self) -> int:
        """Return the class of most of the first windows."""
        starts = np.arange(min(self.count, _LOOKED)) * self.length
        return int(np.bincount(self.classes(starts)).argmax())

    def first(self, wanted: int) -> int | None:
        """Return the number of the first window of a class; None if there is none."""
        for begin in range(0, self.count, _LOOKED):
            starts = np.arange(begin, min(begin + _LOOKED, self.count)) * self.length
            found = np.flatnonzero(self.classes(starts) == wanted)
            if len(found):
                return begin + int(found[0])
        return None

    def beside(
        self, start: int, wanted: int | None, windows: int, notes: tuple[str, ...]
    ) -> Chosen:
        """Return a window and those of the same class behind it, and then before it."""
        behind = np.arange(start + self.length, self.last + 1, self.length)
        before = np.arange(start - self.length, -1, -self.length)
        others = np.concatenate([behind, before])[: _LOOKED * 2]
        if wanted is not None and len(others) and windows > 1:
            others = others[self.classes(others) == wanted]
        starts = np.array([start, *others[: windows - 1]], dtype=np.int64)
        return Chosen(tuple(starts.tolist()), self.cut(starts), notes)


def _start(search: _Search, rate: float | None, which: Which) -> int | None:
    """Return the first sample of the window that the user names; None where they do not."""
    if which.number is not None:
        if not 1 <= which.number <= search.count:
            raise UsageError(
                f"--number must be 1 to {search.count}, the windows of {search.source}, "
                f"not {which.number}"
            )
        return (which.number - 1) * search.length
    if which.at is None:
        return None
    if rate is None:
        raise UsageError(
            "--at needs a sample rate, and nobody states it; give --sample-rate, or --number"
        )
    start = round(which.at * rate)
    if not 0 <= start <= search.last:
        raise UsageError(
            f"--at must be 0 to {search.last / rate:.6g} s, where a window of {search.source} can "
            f"begin, not {which.at:g}"
        )
    return start
