"""Where values lie, and for how long: regions of the memory between steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hwgen.plans.layout import Layout
from hwgen.plans.schedule import Task, as_they_come, whole
from hwgen.plans.step import Read, Step

AGAIN = 2
"""Cycles from a window's last word to the next one's first, at least, but for it itself."""


@dataclass(frozen=True)
class Region:
    """Words of the memory between steps that a value takes.

    Parameters
    ----------
    start
        First word.
    layout
        Where the value's elements lie, counted from `start`.
    begin, end
        Numbers of the first task that writes it and of the last that reads it: so long it is there.
    """

    start: int
    layout: Layout
    begin: int
    end: int

    @property
    def size(self) -> int:
        """Words."""
        return self.layout.last_word + 1

    def meets(self, other: Region) -> bool:
        """Return whether both take a word at the same time."""
        together = self.begin <= other.end and other.begin <= self.end
        apart = self.start + self.size <= other.start or other.start + other.size <= self.start
        return together and not apart


@dataclass(frozen=True)
class Memory:
    """Regions of all values.

    Parameters
    ----------
    features
        Name of the value that is not between steps: the source's, in a memory of its own.
    layout
        Of the features.
    regions
        By the names of the others.
    """

    features: str
    layout: Layout
    regions: Mapping[str, Region]

    @property
    def size(self) -> int:
        """Words of the memory between steps."""
        return max((r.start + r.size for r in self.regions.values()), default=0)

    def layout_of(self, value: str) -> Layout:
        """Return where a value's elements lie."""
        return self.layout if value == self.features else self.regions[value].layout


def settled(
    features: str, steps: tuple[Step, ...], chunks: int = 1
) -> tuple[tuple[Step, ...], Memory, tuple[Task, ...]]:
    """Return the steps with every value in its place, and the order of work.

    As many zeros as any reader wants stand in front of a value, at least: what leaves together
    begins in the lanes that it is meant for, and each position of a loop, or what leaves a group
    after the other, in a word. Values that are
    not there at the same time may take the same words: each has the first place that is free as
    long as it is there (first fit).

    Parameters
    ----------
    features
        Name of the source's value.
    steps
        In order.
    chunks
        Parts of a window that are worked on as they come.
    """
    before: dict[str, int] = {}
    layouts: dict[str, Layout] = {}
    for step in steps:
        for read in step.reads:
            before[read.value] = max(before.get(read.value, 0), -read.first)
            layouts[read.value] = read.source
    for step in steps:
        if step.writes in before:
            unit = step.array.lanes if step.loop or step.crosswise else step.drain
            before[step.writes] = -(-before[step.writes] // unit) * unit
    placed = {value: replace(layout, padding=before[value]) for value, layout in layouts.items()}
    moved = tuple(
        replace(step, reads=tuple(_moved(read, placed[read.value]) for read in step.reads))
        for step in steps
    )
    # The next window's first sums must not come before the last ones have been taken away.
    wait = max(0, moved[-1].rest_turns - AGAIN - moved[0].words)
    moved = (*moved[:-1], replace(moved[-1], tail=wait))
    row = placed[features]
    if chunks == 1:
        tasks = whole(moved, features, row.last_word + 1 - row.first_word)
    else:
        tasks = as_they_come(moved, placed, features, chunks)
    return moved, Memory(features, row, _regions(moved, tasks, placed)), tasks


def _regions(
    steps: tuple[Step, ...], tasks: tuple[Task, ...], placed: Mapping[str, Layout]
) -> dict[str, Region]:
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for number, task in enumerate(tasks):
        step = steps[task.step]
        first.setdefault(step.writes, number)
        last |= {read.value: number for read in step.reads}
    regions: dict[str, Region] = {}
    for value, number in first.items():
        if value in placed:
            wanted = Region(0, placed[value], number, last[value])
            regions[value] = _first_fit(wanted, regions)
    return regions


def _moved(read: Read, layout: Layout) -> Read:
    return replace(read, source=layout, first=read.first + layout.padding)


def _first_fit(wanted: Region, regions: Mapping[str, Region]) -> Region:
    starts = sorted({0, *(each.start + each.size for each in regions.values())})
    for start in starts:
        region = replace(wanted, start=start)
        if not any(region.meets(other) for other in regions.values()):
            return region
    raise AssertionError("behind the last region every word is free")
