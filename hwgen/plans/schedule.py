"""In which order steps work on which positions: all at once, or as samples come."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwgen.plans.layout import Layout
from hwgen.plans.step import Loop, Step


@dataclass(frozen=True)
class Task:
    """Some positions of a step.

    Parameters
    ----------
    step
        Its number.
    begin, count
        First of the (pooled) positions, and how many.
    needs
        Words of features that must be there.
    """

    step: int
    begin: int
    count: int
    needs: int

    def cycles(self, step: Step) -> int:
        """Return the cycles in which the array works for it."""
        return self.count * step.pool * step.groups * step.steps


def whole(steps: Sequence[Step], features: str, words: int) -> tuple[Task, ...]:
    """Return a task for each step, in order; the first ones wait for all `words` of features.

    Steps of a loop have a task for each position: all of them at the first one, then at the next.
    """
    tasks: list[Task] = []
    numbered = enumerate(steps)
    for loop, some in itertools.groupby(numbered, key=lambda each: each[1].loop or each[0]):
        whole_ones = [(number, step, words if step.reads_from(features) else 0)
                      for number, step in some]  # fmt: skip
        if not isinstance(loop, Loop):
            tasks += [
                Task(n, 0, step.positions // step.pool, needs) for n, step, needs in whole_ones
            ]
            continue
        positions = range(whole_ones[0][1].positions)
        for position in positions[::-1] if loop.backwards else positions:
            tasks += [Task(n, position, 1, needs) for n, _, needs in whole_ones]
    return tuple(tasks)


def as_they_come(
    steps: Sequence[Step], layouts: Mapping[str, Layout], features: str, chunks: int
) -> tuple[Task, ...]:
    """Return tasks that work on each of some equal parts of a window as soon as it is there.

    Every step goes as far as what it reads allows, up to where a word of its values ends: what it
    writes later must not touch that word again.

    Parameters
    ----------
    steps
        In their places (`hwgen.plans.memory.settled`).
    layouts
        Of all values between steps, and of the features.
    features
        Name of the source's value.
    chunks
        Parts of a window.
    """
    done = [0] * len(steps)
    there: dict[str, int] = {}
    tasks = []
    layout = layouts[features]
    for chunk in range(1, chunks + 1):
        words = _words(layout, chunk, chunks)
        there[features] = min(layout.length, words * layout.lanes - layout.padding)
        for number, step in enumerate(steps):
            reach = _reach(step, there, layouts, final=number == len(steps) - 1)
            if reach > done[number]:
                needs = words - layout.first_word if step.reads_from(features) else 0
                tasks.append(Task(number, done[number], reach - done[number], needs))
                done[number] = reach
            there[step.writes] = reach * step.width
    return tuple(tasks)


def _words(layout: Layout, chunk: int, chunks: int) -> int:
    """Return the words of a row that are full when a part of its values is there."""
    if chunk == chunks:
        return layout.last_word + 1
    return (layout.padding + layout.length * chunk // chunks) // layout.lanes


def _reach(
    step: Step, there: Mapping[str, int], layouts: Mapping[str, Layout], *, final: bool
) -> int:
    """Return how many (pooled) positions can be worked on.

    The last step is done as a whole: with it the result begins to change.
    """
    every = step.positions // step.pool
    reach = every
    for number, read in enumerate(step.reads):
        length = there.get(read.value, 0)
        if length == read.source.length:
            continue
        # Of what is not begun the zeros in front are no more there than the rest.
        if not read.stride or not length:
            return 0
        # Elements of a position end `span` behind its first.
        span = int(step.taps.element[step.taps.read == number].max())
        last = (read.source.padding + length - 1 - read.first - span) // read.stride
        reach = min(reach, (last - (step.pool - 1)) // step.hop + 1)
    if reach >= every:
        return every
    if final:
        return 0
    if (target := layouts.get(step.writes)) is not None:
        while reach > 0 and (target.padding + reach * step.width) % target.lanes:
            reach -= 1
    return max(0, reach)
