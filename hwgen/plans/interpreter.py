"""Runs a plan word by word in NumPy: what the hardware does, before there is any.

It follows the plan to the letter: words are written and read where the plan says, weights are those
of the memory's words, padding is what lies out of a value's range. So a plan that reads what is not
there, or too early, does not come out right by luck: it is refused.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, saturate, shift_half_even, shift_half_up
from hwgen.plans.memory import Memory
from hwgen.plans.schedule import Task
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Pairs, Squares, Step


class Stale(Exception):  # noqa: N818 - what is wrong with a plan, not with a run
    """A plan reads a word that does not hold the value that it wants."""


def run(plan: SharedPlan, features: Integers) -> Integers:
    """Return what leaves, ``(n, classes + numbers)``: logits, then values as `answers` of golden.

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
    row = _flat(features)
    left: dict[int, list[Integers]] = {number: [] for number in plan.outputs}
    logits: list[Integers] = []
    layout = plan.memory.layout
    for task in plan.tasks:
        step = plan.steps[task.step]
        if task.needs:
            # No more features are there than the task waits for.
            there = (layout.first_word + task.needs) * layout.lanes - layout.padding
            words.put(plan.memory.features, row[:, :there], 0)
        if step.writes in plan.memory.regions:
            # Its first values are written while its last are still worked on.
            words.take(step.writes, task.begin * step.width, task.count * step.width)
        values = _run(step, words, task)
        flat = values.reshape(len(values), -1)
        if step.exact:
            logits.append(flat)
        elif step.post.squares:
            logits.append(_scored(flat, step.post.squares))
        elif step.writes in plan.memory.regions:
            words.put(step.writes, flat, task.begin * step.width)
        if task.step in left:
            left[task.step].append(flat)
    return np.concatenate([*logits, *(part for parts in left.values() for part in parts)], axis=1)


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
        # What each word holds, and whether it is there at all.
        self._owner = np.full(memory.size, "", dtype=object)
        self._there = np.zeros(memory.layout.last_word + 1, dtype=bool)

    def put(self, value: str, values: Integers, begin: int) -> None:
        """Write elements ``(n, some)`` of a value, from one on.

        Lanes beside them in the words that they begin and end become zero.
        """
        layout = self._memory.layout_of(value)
        first = layout.padding + begin
        words, packed = _packed(first, layout.lanes, values)
        if value == self._memory.features:
            self._features[:, words] = packed
            self._there[words] = True
            return
        start = self._memory.regions[value].start
        self._between[:, start + words.start : start + words.stop] = packed

    def take(self, value: str, begin: int, count: int) -> None:
        """Take the words of some elements for a value: what others had there is lost."""
        region = self._memory.regions[value]
        first, lanes = region.layout.padding + begin, region.layout.lanes
        last = (first + count - 1) // lanes
        self._owner[region.start + first // lanes : region.start + last + 1] = value

    def get(self, value: str, words: Integers) -> Integers:
        """Return words ``(n, *words.shape, lanes)`` of a value; zeros beyond its range."""
        layout = self._memory.layout_of(value)
        inside = (words >= layout.first_word) & (words <= layout.last_word)
        near = np.clip(words, layout.first_word, layout.last_word)
        if value == self._memory.features:
            if not self._there[near].all():
                raise Stale(f"{value} is not all there when it is read")
            return self._features[:, near] * inside[..., np.newaxis]
        near = near + self._memory.regions[value].start
        if not (self._owner[near][inside] == value).all():
            raise Stale(f"{value} is not all there when it is read")
        return self._between[:, near] * inside[..., np.newaxis]


def _packed(first: int, lanes: int, values: Integers) -> tuple[slice, Integers]:
    """Return which words elements ``(n, some)`` from `first` on take, and these words."""
    word, lane = divmod(first, lanes)
    count = -(-(lane + values.shape[1]) // lanes)
    row = np.zeros((len(values), count * lanes), dtype=np.int64)
    row[:, lane : lane + values.shape[1]] = values
    return slice(word, word + count), row.reshape(len(values), count, lanes)


def _run(step: Step, words: _Words, task: Task) -> Integers:
    """Return what leaves the array, ``(n, count, outputs)``."""
    sums = _sums(step, words, task)
    pieces = sums.reshape(len(sums), -1, step.pieces, sums.shape[2])
    sums = (pieces.sum(axis=2) + step.bias_words)[:, :, : step.outputs]
    low, high = step.accumulator
    if sums.size and (sums.min() < low or sums.max() > high):
        raise OverflowError(f"{step.name} sums must stay within {step.accumulator}")
    post = step.post
    if post.out is None:
        return sums << post.align
    divided = (shift_half_even if post.even else shift_half_up)(sums, post.shift)
    values = saturate(divided, post.out.min, post.out.max)
    if post.pairs is not None:
        values = _products(values, step.array.drain, post.pairs)
    if post.table is not None and post.given is not None:
        values = post.table[values - post.given.min]
    if step.post.counted is not None and step.post.given is not None:
        begin = task.begin * step.pool
        beyond = step.beyond[begin : begin + task.count * step.pool]
        values[:, beyond] = step.post.given.min
    n, positions, outputs = values.shape
    result: Integers = values.reshape(n, positions // step.kept, step.kept, outputs).max(axis=2)
    return result


def _scored(values: Integers, squares: Squares) -> Integers:
    """Return threshold and score ``(n, 2)``."""
    score = np.square(values).sum(axis=1) >> squares.drop
    return np.stack([np.full_like(score, squares.threshold), score], axis=1)


def _products(values: Integers, drain: int, pairs: Pairs) -> Integers:
    """Return the products ``(n, count, outputs // 2)`` of each two words that leave."""
    words = values.reshape(*values.shape[:2], -1, 2, drain)
    products: Integers = (words[:, :, :, 0] * words[:, :, :, 1]).reshape(*values.shape[:2], -1)
    return saturate(shift_half_up(products, pairs.shift), pairs.out.min, pairs.out.max)


def _sums(step: Step, words: _Words, task: Task) -> Integers:
    """Return all rows' sums, ``(n, positions, groups * rows)``."""
    where = step.where[task.begin * step.pool : (task.begin + task.count) * step.pool]
    rows = step.array.rows
    weights = _weights(step)
    parts = []
    for group in range(step.groups):
        total = np.zeros((words.count, len(where), rows), dtype=np.int64)
        for phase in range(step.phases):
            positions = np.flatnonzero(where % step.phases == phase)
            for number, fetch in enumerate(step.fetches[phase][group]):
                read = step.reads[fetch.read]
                starts = np.array(
                    [step.place(fetch.read, int(p))[0] for p in where[positions]], dtype=int
                )
                met = words.get(read.value, starts + fetch.word)
                total[:, positions] += (met @ weights[phase, group, number].T) << read.shift
        parts.append(total)
    return np.concatenate(parts, axis=2)


def _weights(step: Step) -> Integers:
    """Return words of weights ``(phases, groups, words, rows, lanes)`` from where they lie."""
    words, shape = step.weight_words, step.weight_words.shape[1:]
    if not step.streamed:
        return words.reshape(step.phases, step.groups, step.words, *shape)
    blocks = step.by_group(words).reshape(step.groups, step.phases, step.words, *shape)
    return blocks.swapaxes(0, 1)
