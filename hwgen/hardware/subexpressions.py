"""Finds few adders for a product with a constant matrix.

Weights are written in canonical signed digits; each digit is a shifted input to be added. The pair
of summands that occurs most often, up to shift and sign and over all outputs, becomes an adder of
its own, again and again (two-term subexpressions: R. I. Hartley, "Subexpression sharing in filters
using canonic signed digit multipliers", IEEE TCAS-II 43(10), 1996; over a whole matrix and with a
bound of the depth, as da4ml does: C. Sun et al., arXiv:2507.04535, 2025).
"""

from __future__ import annotations

import functools
import heapq
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.hardware.adder_graph import Adder, AdderGraph, Output, Span, row_span, scheduled
from hwgen.hardware.csd import digits

_Summand = tuple[int, int]
"""A node and its shift; whether it is subtracted is kept beside it."""

_Score = Callable[["_Search", Adder, int], tuple[int, ...]]


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
    graphs = [_Search(matrix, source, extra, score).run() for score in _SCORES]
    return min(graphs, key=lambda graph: (graph.lut4, graph.registers))


class _Search:
    """One run of the greedy search."""

    def __init__(self, matrix: Integers, source: Span, extra: int, score: _Score):
        self._matrix, self._source, self._score = matrix, source, score
        self._lanes = matrix.shape[1]
        self._sums: list[dict[_Summand, bool]] = [
            {
                (lane, shift): digit < 0
                for lane in range(self._lanes)
                for shift, digit in digits(int(row[lane]))
            }
            for row in matrix
        ]
        most = max(len(summands) for summands in self._sums)
        self._latency = max(1, (most - 1).bit_length()) + extra
        self._rows: list[Integers] = list(np.eye(self._lanes, dtype=np.int64))
        self._widths = [source.width] * self._lanes
        self._depths = [0] * self._lanes
        self._adders: dict[Adder, int] = {}
        self._bits: dict[Adder, int] = {}
        self._where: defaultdict[Adder, set[int]] = defaultdict(set)
        self._heap: list[tuple[tuple[int, ...], Adder, int]] = []

    def run(self) -> AdderGraph:
        """Return the graph."""
        self._share()
        outputs = tuple(self._finished(summands) for summands in self._sums)
        adders = tuple(self._adders)
        levels = scheduled(adders, outputs, tuple(self._widths), self._latency)
        return AdderGraph(self._matrix, self._source, adders, outputs, levels, self._latency)

    def _share(self) -> None:
        """Make adders of all pairs that occur more than once."""
        counts: defaultdict[Adder, int] = defaultdict(int)
        for number, summands in enumerate(self._sums):
            items = sorted(summands.items())
            for index, item in enumerate(items):
                for other in items[:index]:
                    pair = _pair(item, other)
                    counts[pair] += 1
                    self._where[pair].add(number)
        for pair, count in counts.items():
            self._push(pair, count)
        while self._heap:
            _, pair, count = heapq.heappop(self._heap)
            # Pairs get fewer as their summands go into others: those on the heap are looked at
            # again when their turn comes.
            now = sum(len(self._found(number, pair)) for number in self._where[pair])
            if now == count:
                self._replace(pair)
            else:
                self._push(pair, now)

    def _push(self, pair: Adder, count: int) -> None:
        if count > 1:
            score = tuple(-value for value in self._score(self, pair, count))
            heapq.heappush(self._heap, (score, pair, count))

    def _found(self, number: int, pair: Adder) -> list[tuple[_Summand, _Summand]]:
        """Return where a sum has the pair, as often as the bound of the depth lets it be added."""
        summands = self._sums[number]
        found: list[tuple[_Summand, _Summand]] = []
        used: set[_Summand] = set()
        for summand in sorted(summands):
            node, shift = summand
            other = (pair.b, shift + pair.shift)
            if node != pair.a or other == summand or other not in summands:
                continue
            if {summand, other} & used:
                continue
            if (summands[summand] != summands[other]) == pair.subtract:
                found.append((summand, other))
                used |= {summand, other}
        cost = self._slots(pair)
        if found and cost > 0:
            room = (1 << self._latency) - sum(1 << self._depths[node] for node, _ in summands)
            return found[: room // cost]
        return found

    def _slots(self, pair: Adder) -> int:
        """Return what adding the pair first takes of a sum's depth.

        A tree of depth D has room for summands of depths d exactly when their 2**d add up to no
        more than 2**D.
        """
        return (2 << self.depth(pair)) - (1 << self._depths[pair.a]) - (1 << self._depths[pair.b])

    def depth(self, pair: Adder) -> int:
        """Return the level of the deeper operand."""
        return max(self._depths[pair.a], self._depths[pair.b])

    def imbalance(self, pair: Adder) -> int:
        """Return by how many levels the operands differ."""
        return abs(self._depths[pair.a] - self._depths[pair.b])

    def bits(self, pair: Adder) -> int:
        """Return the bits that the pair's adder adds."""
        if pair not in self._bits:
            self._bits[pair] = row_span(self._row(pair), self._source).width - pair.shift
        return self._bits[pair]

    def _row(self, pair: Adder) -> Integers:
        other = self._rows[pair.b] << pair.shift
        return self._rows[pair.a] + (-other if pair.subtract else other)

    def _node(self, pair: Adder) -> int:
        """Return the pair's node, a new one if there is none."""
        if pair not in self._adders:
            self._adders[pair] = len(self._rows)
            row = self._row(pair)
            self._rows.append(row)
            self._widths.append(row_span(row, self._source).width)
            self._depths.append(self.depth(pair) + 1)
        return self._adders[pair]

    def _replace(self, pair: Adder) -> None:
        """Put the pair's node in place of the pair wherever it is found."""
        node = self._node(pair)
        touched: defaultdict[Adder, int] = defaultdict(int)
        for number in sorted(self._where[pair]):
            summands = self._sums[number]
            for low, high in self._found(number, pair):
                negative = summands.pop(low)
                del summands[high]
                new = (node, low[1])
                for other in summands.items():
                    made = _pair(other, (new, negative))
                    self._where[made].add(number)
                    touched[made] += 1
                summands[new] = negative
        for made, count in touched.items():
            self._push(made, count)

    def _finished(self, summands: dict[_Summand, bool]) -> Output | None:
        """Add up what is left of a sum, narrow adders of even operands first."""
        while len(summands) > 1:
            items = sorted(summands.items())
            choices = []
            for index, item in enumerate(items):
                for other in items[:index]:
                    pair = _pair(item, other)
                    slots = self._slots(pair)
                    room = (1 << self._latency) - sum(1 << self._depths[n] for n, _ in summands)
                    if slots <= room:
                        cost = 0 if pair in self._adders else self.bits(pair)
                        cost += 2 * self.imbalance(pair)
                        choices.append((cost, self.depth(pair), pair, item[0], other[0]))
            _, _, pair, *both = min(choices)
            low = min(both, key=lambda summand: (summand[1], summand[0]))
            negative = summands[low]
            for summand in both:
                del summands[summand]
            summands[self._node(pair), low[1]] = negative
        for (node, shift), negative in summands.items():
            return Output(node, shift, negative)
        return None


def _pair(first: tuple[_Summand, bool], second: tuple[_Summand, bool]) -> Adder:
    """Return the adder of two summands, up to shift and sign: the lower one is positive."""
    ((a, low), first_negative), ((b, high), second_negative) = first, second
    if (low, a) > (high, b):
        a, low, b, high = b, high, a, low
    return Adder(a, b, high - low, first_negative != second_negative)


def _frequent(search: _Search, pair: Adder, count: int) -> tuple[int, ...]:
    return count, -search.imbalance(pair), -search.bits(pair)


def _saving(search: _Search, pair: Adder, count: int) -> tuple[int, ...]:
    return (count - 1) * search.bits(pair), -search.imbalance(pair)


def _frequent_narrow(search: _Search, pair: Adder, count: int) -> tuple[int, ...]:
    return count, search.bits(pair), -search.imbalance(pair)


_SCORES: tuple[_Score, ...] = (_frequent, _saving, _frequent_narrow)
