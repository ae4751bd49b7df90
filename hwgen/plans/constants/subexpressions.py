"""Finds few adders for a product with a constant matrix.

Weights are written in canonical signed digits; each digit is a shifted input to be added. The pair
of summands that occurs most often, up to shift and sign and over all outputs, becomes an adder of
its own, again and again (two-term subexpressions: R. I. Hartley, "Subexpression sharing in filters
using canonic signed digit multipliers", IEEE TCAS-II 43(10), 1996; over a whole matrix and with a
bound of the depth, as da4ml does: C. Sun et al., arXiv:2507.04535, 2025). What is left of each
output is added up by `hwgen.plans.constants.sum_tree`.
"""

from __future__ import annotations

import functools
import heapq
import random
from collections import defaultdict

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.plans.constants.adder_graph import Adder, AdderGraph, Output, Span, row_span, scheduled
from hwgen.plans.constants.csd import digits
from hwgen.plans.constants.sum_tree import Summand, Tree, best_tree

_Shifted = tuple[int, int]
"""A node and its shift; whether it is subtracted is kept beside it."""

_Term = tuple[_Shifted, bool]

_WORK = 4500
"""Digits that all searches together may begin with: bounds their time to a few seconds."""
_MOST_SEARCHES = 8
_MOVES = 8
_LAST_MOVES = 60
"""Moves of summands in a search, and in the one that is kept."""


def share(matrix: Integers, source: Span, *, extra: int = 0) -> AdderGraph:
    """Return a graph of adders for ``y = matrix @ x``.

    Parameters
    ----------
    matrix
        ``(outputs, lanes)``.
    source
        What an input can be.
    extra
        Levels of adders beyond the fewest that are possible.

    Raises
    ------
    ValueError
        If the matrix is empty.
    """
    matrix = np.asarray(matrix, dtype=np.int64)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(f"matrix must have rows and columns, not shape {matrix.shape}")
    return _shared(matrix.tobytes(), matrix.shape, source, extra)


@functools.lru_cache(maxsize=16)
def _shared(data: bytes, shape: tuple[int, int], source: Span, extra: int) -> AdderGraph:
    """Return the best graph found: a search takes seconds, and a design is looked at repeatedly."""
    matrix = np.frombuffer(data, dtype=np.int64).reshape(shape)
    work = sum(len(digits(int(weight))) for weight in matrix.ravel())
    searches = max(1, min(_MOST_SEARCHES, _WORK // max(1, work)))

    def graph(seed: int, moves: int) -> AdderGraph:
        return _Search(matrix, source, extra, seed).run(moves)

    best = 0
    if searches > 1:
        best = min(range(searches), key=lambda seed: graph(seed, _MOVES).size)
    return graph(best, _LAST_MOVES)


class _Search:
    """One run of the greedy search; the seed decides between pairs that occur equally often."""

    def __init__(self, matrix: Integers, source: Span, extra: int, seed: int):
        self._matrix, self._source = matrix, source
        # The first search breaks ties by width; the others by chance.
        self._draw = random.Random(seed).random if seed else lambda: 0.0
        lanes = matrix.shape[1]
        self._sums: list[dict[_Shifted, bool]] = [
            {
                (lane, shift): digit < 0
                for lane in range(lanes)
                for shift, digit in digits(int(row[lane]))
            }
            for row in matrix
        ]
        most = max(len(terms) for terms in self._sums)
        self._latency = max(1, (most - 1).bit_length()) + extra
        self._rows = [tuple(int(lane == each) for each in range(lanes)) for lane in range(lanes)]
        self._widths = [source.width] * lanes
        self._depths = [0] * lanes
        self._adders: dict[Adder, int] = {}
        self._bits: dict[Adder, int] = {}
        self._where: defaultdict[Adder, set[int]] = defaultdict(set)
        self._heap: list[tuple[float, int, int, Adder, int]] = []

    def run(self, moves: int) -> AdderGraph:
        """Return the graph; `moves` as in `best_tree`."""
        self._share()
        outputs = tuple(self._finished(terms, moves) for terms in self._sums)
        adders = tuple(self._adders)
        levels = scheduled(adders, outputs, tuple(self._widths), self._latency)
        return AdderGraph(self._matrix, self._source, adders, outputs, levels, self._latency)

    def _share(self) -> None:
        """Make adders of all pairs that occur more than once."""
        counts: defaultdict[Adder, int] = defaultdict(int)
        for number, terms in enumerate(self._sums):
            items = sorted(terms.items())
            for index, item in enumerate(items):
                for other in items[:index]:
                    pair = _pair(item, other)
                    counts[pair] += 1
                    self._where[pair].add(number)
        for pair, count in counts.items():
            self._push(pair, count)
        while self._heap:
            *_, pair, count = heapq.heappop(self._heap)
            # Pairs get fewer as their terms go into others: those on the heap are looked at
            # again when their turn comes.
            now = sum(len(self._found(number, pair)) for number in self._where[pair])
            if now == count:
                self._replace(pair)
            else:
                self._push(pair, now)

    def _push(self, pair: Adder, count: int) -> None:
        if count > 1:
            imbalance = abs(self._depths[pair.a] - self._depths[pair.b])
            entry = (-count - self._draw(), imbalance, self._width(pair) - pair.shift, pair, count)
            heapq.heappush(self._heap, entry)

    def _found(self, number: int, pair: Adder) -> list[tuple[_Shifted, _Shifted]]:
        """Return where a sum has the pair, as often as the bound of the depth lets it be added."""
        terms = self._sums[number]
        found: list[tuple[_Shifted, _Shifted]] = []
        used: set[_Shifted] = set()
        for term in sorted(term for term in terms if term[0] == pair.a):
            other = (pair.b, term[1] + pair.shift)
            if other == term or other not in terms or term in used or other in used:
                continue
            if (terms[term] != terms[other]) == pair.subtract:
                found.append((term, other))
                used |= {term, other}
        if not found:
            return found
        # A tree of depth D has room for terms of depths d exactly when their 2**d add up to no
        # more than 2**D.
        depths = self._depths
        cost = (2 << self._depth(pair)) - (1 << depths[pair.a]) - (1 << depths[pair.b])
        if cost > 0:
            room = (1 << self._latency) - sum(1 << depths[node] for node, _ in terms)
            return found[: room // cost]
        return found

    def _depth(self, pair: Adder) -> int:
        """Return the level of the deeper operand."""
        return max(self._depths[pair.a], self._depths[pair.b])

    def _width(self, pair: Adder) -> int:
        """Return the bits of the pair's sum."""
        if pair not in self._bits:
            self._bits[pair] = row_span(self._row(pair), self._source).width
        return self._bits[pair]

    def _row(self, pair: Adder) -> tuple[int, ...]:
        factor = -(1 << pair.shift) if pair.subtract else 1 << pair.shift
        rows = zip(self._rows[pair.a], self._rows[pair.b], strict=True)
        return tuple(low + factor * high for low, high in rows)

    def _node(self, pair: Adder) -> int:
        """Return the pair's node, a new one if there is none."""
        if pair not in self._adders:
            self._adders[pair] = len(self._rows)
            self._rows.append(self._row(pair))
            self._widths.append(self._width(pair))
            self._depths.append(self._depth(pair) + 1)
        return self._adders[pair]

    def _replace(self, pair: Adder) -> None:
        """Put the pair's node in place of the pair wherever it is found."""
        node = self._node(pair)
        touched: defaultdict[Adder, int] = defaultdict(int)
        for number in sorted(self._where[pair]):
            terms = self._sums[number]
            for low, high in self._found(number, pair):
                negative = terms.pop(low)
                del terms[high]
                new = (node, low[1])
                for other in terms.items():
                    made = _pair(other, (new, negative))
                    self._where[made].add(number)
                    touched[made] += 1
                terms[new] = negative
        for made, count in touched.items():
            self._push(made, count)

    def _finished(self, terms: dict[_Shifted, bool], moves: int) -> Output | None:
        """Add up what is left of a sum."""
        if not terms:
            return None
        items = sorted(terms.items())
        summands = [
            Summand(
                tuple((-factor if negative else factor) << shift for factor in self._rows[node]),
                shift,
                self._depths[node],
            )
            for (node, shift), negative in items
        ]
        tree = best_tree(summands, self._latency, self._source, moves)
        (node, shift), negative = self._added(tree, items)
        return Output(node, shift, negative)

    def _added(self, tree: Tree, items: list[_Term]) -> _Term:
        """Return the sum of a tree, its adders made."""
        if isinstance(tree, int):
            return items[tree]
        both = [self._added(part, items) for part in tree]
        (_, low), negative = min(both, key=_lower)
        return (self._node(_pair(*both)), low), negative


def _lower(term: _Term) -> tuple[int, int]:
    """Return what decides which of two terms is the first operand: shift, then node."""
    (node, shift), _ = term
    return shift, node


def _pair(first: _Term, second: _Term) -> Adder:
    """Return the adder of two terms, up to shift and sign: the lower one is positive."""
    ((a, low), first_negative), ((b, high), second_negative) = first, second
    if (low, a) > (high, b):
        a, low, b, high = b, high, a, low
    return Adder(a, b, high - low, first_negative != second_negative)
