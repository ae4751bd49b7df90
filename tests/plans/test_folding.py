"""Sums in pieces: as many cycles, fewer words of weights, the same meetings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.plans.folding import folded
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.operand import Operand, Part
from hwgen.plans.ops.avgpool1d import lower
from hwgen.plans.step import Array, Loop, Pairs, Step
from hwgen.plans.taps import OwnTaps
from hwgen.quantized.ops.avgpool1d import QuantizedAvgPool1d
from tests.integer_graphs import cases


def average(array: Array, size: int, length: int, *channels: int, **fields) -> Step:
    """Return an average of values side by side, called a, b, c, that are in their places."""
    fmt = Format(True, 4, 0)
    total = sum(channels)
    op = QuantizedAvgPool1d("mean", size, total, length, fmt, 0, fmt, np.ones(total), **fields)
    parts = tuple(Part(name, each) for name, each in zip("abc", channels, strict=False))
    return lower(op, (Operand(parts, length),), array)


def meetings(step: Step) -> Counter[tuple[int, int, int, int, int]]:
    """Return how often which output's whole sum meets which element of a read, with what weight."""
    shape = step.phases, step.groups, step.words, step.array.rows, step.array.lanes
    weights = step.weight_words.reshape(shape)
    found: Counter[tuple[int, int, int, int, int]] = Counter()
    for number, position in enumerate(step.where.tolist()):
        phase = position % step.phases
        for group, row, lane in np.ndindex(step.groups, step.array.rows, step.array.lanes):
            for word, fetch in enumerate(step.fetches[phase][group]):
                if weight := int(weights[phase, group, word, row, lane]):
                    at = (step.place(fetch.read, position)[0] + fetch.word) * step.array.lanes
                    output = group * step.array.rows + row
                    found[number // step.pieces, output, fetch.read, at + lane, weight] += 1
    return found


@pytest.mark.parametrize(
    ("array", "size", "length", "channels", "pieces", "words", "depth"),
    [
        (Array(2, 4), 12, 12, (4,), 6, 2, 4),  # two positions a piece, two groups of channels
        (Array(4, 4), 12, 12, (8,), 6, 2, 4),  # a word of each position
        (Array(4, 8), 12, 12, (4,), 3, 2, 2),  # two positions a word
        (Array(2, 4), 8, 16, (4,), 4, 2, 4),  # of every eight positions
        (Array(4, 4), 8, 8, (2, 2), 4, 2, 2),  # a word of each of two values
        (Array(1, 1), 15, 15, (2,), 5, 3, 6),
        (Array(2, 4), 9, 9, (4,), 3, 3, 6),
    ],
)
def test_pieces(array, size, length, channels, pieces, words, depth):
    step = average(array, size, length, *channels)
    found = folded(step)
    assert (found.pieces, found.kept, found.words, found.weight_depth) == (pieces, 1, words, depth)
    assert found.cycles == step.cycles
    assert found.values == step.values
    assert found.weight_depth * pieces >= step.weight_depth
    assert meetings(found) == meetings(step)


def with_weight(step: Step, place: int, weight: int) -> Step:
    """Return a step one of whose taps has another weight."""
    assert isinstance(step.taps, OwnTaps)
    value = step.taps.value.copy()
    value[place] = weight
    return replace(step, taps=replace(step.taps, value=value))


WHOLE = average(Array(2, 4), 12, 12, 4)


@pytest.mark.parametrize(
    "step",
    [
        average(Array(2, 4), 11, 11, 4),  # no equal pieces but single words
        average(Array(2, 4), 3, 12, 4),
        average(Array(2, 4), 8, 12, 4, stride=4),  # positions of several sums
        average(Array(2, 4), 6, 16, 4, stride=8),
        average(Array(1, 4), 6, 6, 3),  # words of two pieces would be read twice
        with_weight(WHOLE, 5, 2),
        replace(WHOLE, tail=1),
        replace(WHOLE, loop=Loop("loop")),
        replace(WHOLE, post=replace(WHOLE.post, pairs=Pairs(0, Format(True, 4, 0)))),
        average(Array(2, 4), 12, 24, 4).pooled(2, 2, "pooled"),
    ],
)
def test_what_is_left_as_it_is(step):
    assert folded(step) is step


def test_pieces_whose_weights_differ_alike():
    """Three groups of four positions: the first half of each counts double."""
    step = WHOLE
    for place in np.flatnonzero(step.taps.element // 4 % 4 < 2):
        step = with_weight(step, place, 2)
    found = folded(step)
    assert (found.pieces, found.words) == (3, 4)
    assert meetings(found) == meetings(step)


def test_sums_that_wait_for_many_rows_are_not_slower():
    # Twelve words, then four cycles more until sixteen rows are taken away.
    step = average(Array(16, 16), 12, 12, 16)
    assert (step.words, step.steps) == (12, 16)
    assert folded(step).cycles == step.cycles


def test_random_steps():
    """Nothing but the words changes, and what is not an average is left alone."""
    seen: Counter[str] = Counter()
    for _, case, array in cases(range(80), small=True, windows=1):
        for step in settled("first", lowered(case.model.graph, array))[0]:
            found = folded(step)
            if found is step:
                continue
            seen[case.model.graph[step.name].op.op] += 1
            assert meetings(found) == meetings(step)
            assert found.cycles == step.cycles
            assert found.weight_depth < step.weight_depth
            assert found.in_order or not step.in_order
    assert set(seen) <= {"avgpool1d", "adaptiveavgpool1d"}
    assert seen["avgpool1d"] > 5
