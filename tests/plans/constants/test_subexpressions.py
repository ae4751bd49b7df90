"""Searches for few adders: what they find is right, and stays as good as it was."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.constants import subexpressions
from hwgen.plans.constants.adder_graph import Adder, Output, Span
from hwgen.plans.constants.subexpressions import share


def drawn(seed: int) -> tuple[np.ndarray, Span]:
    """Return a random matrix, with zeros, and the inputs' span."""
    rng = np.random.default_rng(seed)
    bits = int(rng.integers(1, 9))
    matrix = rng.integers(-(1 << bits), (1 << bits) + 1, rng.integers(1, 9, 2))
    matrix[rng.random(matrix.shape) < rng.random()] = 0
    width = int(rng.integers(1, 9))
    low = -(1 << width) if rng.integers(4) == 0 else 0
    return matrix, Span(low, (1 << width) - 1)


FOUND = [
    (100, 0, 4, 20, 33, 2), (100, 1, 4, 20, 51, 3), (101, 0, 32, 326, 514, 4),
    (102, 0, 12, 132, 203, 4), (102, 1, 12, 134, 247, 5), (104, 0, 23, 98, 163, 3),
    (104, 1, 23, 94, 175, 4), (106, 0, 22, 144, 207, 3), (106, 1, 22, 140, 272, 4),
    (110, 0, 55, 482, 631, 4), (110, 1, 54, 466, 773, 5), (113, 1, 6, 24, 37, 4),
    (115, 0, 7, 42, 74, 2),
]  # fmt: skip
"""Seed and extra levels; adders, their size, registers and latency of what was found."""


@pytest.mark.parametrize("case", FOUND)
def test_as_good_as_it_was(case):
    """A change that finds something else must say so here: better is welcome, worse is not."""
    seed, extra, *found = case
    graph = share(*drawn(seed), extra=extra)
    assert [len(graph.adders), graph.size, graph.registers, graph.latency] == found


@pytest.mark.parametrize("seed", range(30))
def test_every_output_is_its_row(seed):
    matrix, source = drawn(seed)
    graph = share(matrix, source, extra=seed % 2)
    assert graph.source == source
    assert (graph.matrix == matrix).all()
    for row, output in zip(matrix, graph.outputs, strict=True):
        if output is None:
            assert not row.any()
            continue
        sign = -1 if output.negative else 1
        assert (sign * (graph.rows[output.node] << output.shift) == row).all()
        assert graph.levels[output.node] <= graph.latency
    for node, adder in enumerate(graph.adders, graph.lanes):
        assert adder.shift >= 0
        assert max(graph.levels[adder.a], graph.levels[adder.b]) < graph.levels[node]


def test_the_simplest_graphs():
    graph = share(np.array([[0, 3], [-8, 0], [0, 0]]), Span(0, 15))
    assert graph.adders == (Adder(1, 1, 2, True),)
    assert graph.outputs == (Output(2, 0, True), Output(0, 3, True), None)
    assert graph.latency == 1
    assert share(np.array([[0]]), Span(0, 1)).latency == 1
    assert share(np.array([[0]]), Span(0, 1), extra=2).latency == 3


@pytest.mark.parametrize(("count", "latency"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (9, 4)])
def test_the_fewest_levels(count, latency):
    graph = share(np.ones((1, count), dtype=np.int64), Span(0, 3))
    assert (graph.latency, len(graph.adders)) == (latency, count - 1)


def test_a_pair_is_shared_up_to_shift_and_sign():
    graph = share(np.array([[1, 2, 0], [4, 8, 1], [-1, -2, 1]]), Span(0, 255))
    assert len(graph.adders) == 3
    # ... and not where the signs differ otherwise
    assert len(share(np.array([[1, 2], [1, -2]]), Span(0, 255)).adders) == 2


def test_a_pair_that_would_make_a_sum_too_deep_is_not_shared():
    """Four equal summands and their pairs: depth 2 is enough, and no more is taken."""
    graph = share(np.array([[5, 5], [5, 1]]), Span(0, 15))
    assert graph.latency == 2
    assert max(graph.levels) <= 2


def test_how_much_is_searched(monkeypatch):
    """The fewer digits, the more searches: the best of them is kept, and found once."""
    runs = []
    original = subexpressions._Search.run

    def run(self, moves):
        runs.append(moves)
        return original(self, moves)

    monkeypatch.setattr(subexpressions._Search, "run", run)

    def searched(matrix):
        subexpressions._shared.cache_clear()
        runs.clear()
        graph = share(matrix, Span(0, 255))
        assert share(matrix, Span(0, 255)) is graph
        return list(runs)

    few = np.array([[5, 3], [3, 5]])
    assert searched(few) == [8] * 8 + [60]
    monkeypatch.setattr(subexpressions, "_WORK", 8 * 3)
    assert searched(few) == [8] * 3 + [60]
    monkeypatch.setattr(subexpressions, "_WORK", 15)
    assert searched(few) == [60]
    monkeypatch.setattr(subexpressions, "_WORK", 1)
    assert searched(few) == [60]
    assert searched(np.zeros((2, 2), dtype=np.int64)) == [60]


def test_the_best_search_is_kept():
    matrix, source = drawn(110)
    graphs = [
        subexpressions._Search(matrix, source, 0, seed).run(subexpressions._MOVES)
        for seed in range(8)
    ]
    best = min(range(8), key=lambda seed: graphs[seed].size)
    assert len({graph.size for graph in graphs}) > 1
    kept = subexpressions._Search(matrix, source, 0, best).run(subexpressions._LAST_MOVES)
    found = share(matrix, source)
    assert (found.adders, found.outputs) == (kept.adders, kept.outputs)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (1, 1, 1)])
def test_an_empty_matrix_is_refused(shape):
    with pytest.raises(ValueError, match=r"^matrix must have rows and columns, not shape "):
        share(np.zeros(shape, dtype=np.int64), Span(0, 1))
