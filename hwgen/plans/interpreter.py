"""Runs a plan word by word in NumPy: what the hardware does, before there is any.

It follows the plan to the letter: words are written and read where the plan says, weights are those
of the memory's words, padding is what lies out of a value's range. So a plan that reads what is not
there, or too early, does not come out right by luck: it is refused.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, saturate, shift_half_up
from hwgen.plans.layout import Layout
from hwgen.plans.memory import Memory
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Step


class Stale(Exception):  # noqa: N818 - what is wrong with a plan, not with a run
    """A plan reads a word that does not hold the value that it wants."""


def run(plan: SharedPlan, features: Integers) -> Integers:
    """Return the logits ``(n, classes)``.

    Parameters
    ----------
    plan
        Steps, and where values lie.
    features
        What the source gives, ``(n, channels, positions)``, or ``(n, values)``.

    Raises
    ------
    Stale
        If a step reads what is not there.
    OverflowError
        If a sum leaves the range that the plan says.
    """
    words = _Words(plan.memory, len(features))
    words.put(plan.memory.features, _flat(features))
    result = None
    for step in plan.steps:
        if not step.exact:
            # Its first values are written while its last are still worked on.
            words.take(step.writes)
        values = _run(step, words)
        if step.exact:
            result = values[:, 0]
        else:
            words.put(step.writes, values.reshape(len(values), -1))
    assert result is not None
    return result


def _flat(features: Integers) -> Integers:
    """Return values position by position, the channels of one side by side."""
    if features.ndim == 3:
        features = features.transpose(0, 2, 1)
    return features.reshape(len(features), -1)


class _Words:
    """The memory of features and the one between steps, for some windows at once."""

    def __init__(self, memory: Memory, count: int) -> None:
        self._memory, self.count = memory, count
        lanes = memory.layout.lanes
        self._between = np.zeros((count, memory.size, lanes), dtype=np.int64)
        self._features = np.zeros((count, memory.layout.last_word + 1, lanes), dtype=np.int64)
        self._owner = np.full(memory.size, "", dtype=object)

    def put(self, value: str, values: Integers) -> None:
        """Write a value's elements ``(n, length)``; lanes beside them in its words become zero."""
        layout = self._memory.layout_of(value)
        packed = _packed(layout, values)
        words = slice(layout.first_word, layout.last_word + 1)
        if value == self._memory.features:
            self._features[:, words] = packed[:, words]
        else:
            self._between[:, self._place(value)] = packed[:, words]

    def take(self, value: str) -> None:
        """Take a value's words for it: what others had there is lost."""
        self._owner[self._place(value)] = value

    def _place(self, value: str) -> slice:
        region = self._memory.regions[value]
        layout = region.layout
        return slice(region.start + layout.first_word, region.start + layout.last_word + 1)

    def get(self, value: str, words: Integers) -> Integers:
        """Return words ``(n, *words.shape, lanes)`` of a value; zeros beyond its range."""
        layout = self._memory.layout_of(value)
        inside = (words >= layout.first_word) & (words <= layout.last_word)
        near = np.clip(words, layout.first_word, layout.last_word)
        if value == self._memory.features:
            return self._features[:, near] * inside[..., np.newaxis]
        near = near + self._memory.regions[value].start
        if not (self._owner[near] == value).all():
            raise Stale(f"{value} is not all there when it is read")
        return self._between[:, near] * inside[..., np.newaxis]


def _packed(layout: Layout, values: Integers) -> Integers:
    """Return words ``(n, words, lanes)`` of a padded row ``(n, length)``."""
    count = layout.last_word + 1
    row = np.zeros((len(values), count * layout.lanes), dtype=np.int64)
    row[:, layout.padding : layout.padding + layout.length] = values
    return row.reshape(len(values), count, layout.lanes)


def _run(step: Step, words: _Words) -> Integers:
    """Return what leaves the array, ``(n, pooled positions, outputs)``."""
    sums = _sums(step, words) + step.bias_words
    sums = sums[:, :, : step.outputs]
    low, high = step.accumulator
    if sums.size and (sums.min() < low or sums.max() > high):
        raise OverflowError(f"{step.name} sums must stay within {step.accumulator}")
    post = step.post
    if post.out is None:
        return sums << post.align
    values = saturate(shift_half_up(sums, post.shift), post.out.min, post.out.max)
    if post.table is not None:
        values = post.table[values - post.out.min]
    n, positions, outputs = values.shape
    result: Integers = values.reshape(n, positions // post.pool, post.pool, outputs).max(axis=2)
    return result


def _sums(step: Step, words: _Words) -> Integers:
    """Return all rows' sums, ``(n, positions, groups * rows)``."""
    rows, lanes = step.array.rows, step.array.lanes
    weights = step.weight_words.reshape(step.phases, step.groups, step.words, rows, lanes)
    parts = []
    for group in range(step.groups):
        total = np.zeros((words.count, step.positions, rows), dtype=np.int64)
        for phase in range(step.phases):
            positions = np.flatnonzero(step.where % step.phases == phase)
            for number, fetch in enumerate(step.fetches[phase][group]):
                read = step.reads[fetch.read]
                starts = np.array(
                    [step.place(fetch.read, int(p))[0] for p in step.where[positions]], dtype=int
                )
                met = words.get(read.value, starts + fetch.word)
                total[:, positions] += (met @ weights[phase, group, number].T) << read.shift
        parts.append(total)
    return np.concatenate(parts, axis=2)
