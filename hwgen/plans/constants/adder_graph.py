"""A product with a constant matrix as a graph of adders, and what it costs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from hwgen.fixedpoint import Integers, signed_width


@dataclass(frozen=True)
class Span:
    """The values that a signal can take, ends included."""

    low: int
    high: int

    @property
    def signed(self) -> bool:
        """Whether there are negative ones."""
        return self.low < 0

    @property
    def width(self) -> int:
        """Bits, with a sign only where one is needed."""
        if self.signed:
            return signed_width(self.low, self.high)
        return max(1, self.high.bit_length())

    def plus(self, other: Span, shift: int = 0, *, subtract: bool = False) -> Span:
        """Return the span of ``a + (b << shift)``, or ``a - (b << shift)``, a and b free."""
        low, high = other.low << shift, other.high << shift
        if subtract:
            low, high = -high, -low
        return Span(self.low + low, self.high + high)


class Adder(NamedTuple):
    """``a + (b << shift)``, or ``a - (b << shift)``, of two earlier nodes."""

    a: int
    b: int
    shift: int
    subtract: bool


@dataclass(frozen=True)
class Output:
    """A node times ``2**shift``, negated if `negative`."""

    node: int
    shift: int
    negative: bool


@dataclass(frozen=True, eq=False)
class AdderGraph:
    """``y = A x`` in adders, a register behind each.

    Node n is input n for ``n < lanes``, then adder ``n - lanes``.

    Parameters
    ----------
    matrix
        ``(outputs, lanes)``: A.
    source
        What an input can be.
    adders
        Each adds nodes with lower numbers.
    outputs
        One for each row of A; None where the row is zero.
    levels
        For each node the cycles from the inputs to its register; 0 for the inputs.
    latency
        Cycles from the inputs to the outputs: nodes that are ready earlier wait in registers.
    """

    matrix: Integers
    source: Span
    adders: tuple[Adder, ...]
    outputs: tuple[Output | None, ...]
    levels: tuple[int, ...]
    latency: int

    @property
    def lanes(self) -> int:
        """Inputs."""
        return int(self.matrix.shape[1])

    @cached_property
    def rows(self) -> tuple[Integers, ...]:
        """What each node is: a row of ``lanes`` factors."""
        rows = list(np.eye(self.lanes, dtype=np.int64))
        for adder in self.adders:
            other = rows[adder.b] << adder.shift
            rows.append(rows[adder.a] + (-other if adder.subtract else other))
        return tuple(rows)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """What each node can be, exactly: the inputs are free of each other."""
        return tuple(row_span(row, self.source) for row in self.rows)

    @cached_property
    def last_use(self) -> tuple[int, ...]:
        """For each node the last level at whose end it must be known."""
        last = list(self.levels)
        for node, adder in enumerate(self.adders, self.lanes):
            for operand in (adder.a, adder.b):
                last[operand] = max(last[operand], self.levels[node] - 1)
        for output in self.outputs:
            if output is not None:
                last[output.node] = self.latency
        return tuple(last)

    @property
    def size(self) -> int:
        """Of all adders, by `adder_size`; a target says what it takes of `adder_bits`."""
        return sum(adder_size(bits) for bits in self.adder_bits)

    @property
    def adder_bits(self) -> tuple[int, ...]:
        """Bits that each adder adds: those below the shift pass it by."""
        spans = self.spans
        return tuple(
            spans[node].width - adder.shift for node, adder in enumerate(self.adders, self.lanes)
        )

    @property
    def registers(self) -> int:
        """Flip-flops: an adder's own, and those in which nodes wait."""
        return sum(
            (last - level + (level > 0)) * span.width
            for last, level, span in zip(self.last_use, self.levels, self.spans, strict=True)
        )


def adder_size(bits: int) -> int:
    """Return what an adder counts for where graphs are compared: its bits, in pairs.

    It is no target's count of cells: a network has the same graph on each.
    """
    return bits + bits % 2


def row_span(row: Sequence[int] | Integers, source: Span, *, free: bool = False) -> Span:
    """Return what the product of a row with inputs of `source` can be.

    If `free`, an input may also be missing: what partial sums can be.
    """
    low = high = 0
    for factor in row:
        ends = int(factor) * source.low, int(factor) * source.high
        low += min(*ends, 0) if free else min(ends)
        high += max(*ends, 0) if free else max(ends)
    return Span(low, high)


def scheduled(
    adders: tuple[Adder, ...],
    outputs: tuple[Output | None, ...],
    widths: tuple[int, ...],
    latency: int,
) -> tuple[int, ...]:
    """Return the level of each node such that few registers hold what waits.

    An adder may work at any level between its operands and its users. A later one keeps its
    operands waiting instead of itself: better where there are others who wait for them too. One
    adder after the other is moved to its best level until none gets better.
    """
    lanes = len(widths) - len(adders)
    users: list[list[int]] = [[] for _ in widths]
    for node, adder in enumerate(adders, lanes):
        users[adder.a].append(node)
        users[adder.b].append(node)
    ends = {output.node for output in outputs if output is not None}
    levels = [0] * lanes
    for adder in adders:
        levels.append(max(levels[adder.a], levels[adder.b]) + 1)

    def last(node: int) -> int:
        if node in ends:
            return latency
        return max((levels[user] - 1 for user in users[node]), default=levels[node])

    def around(node: int) -> int:
        adder = adders[node - lanes]
        held = {node, adder.a, adder.b}
        return sum((last(each) - levels[each]) * widths[each] for each in held)

    improved = True
    while improved:
        improved = False
        for node in itertools.chain(
            range(len(widths) - 1, lanes - 1, -1), range(lanes, len(widths))
        ):
            adder = adders[node - lanes]
            low = max(levels[adder.a], levels[adder.b]) + 1
            high = min((levels[user] - 1 for user in users[node]), default=latency)
            before = levels[node]
            costs = []
            for level in range(low, high + 1):
                levels[node] = level
                costs.append((around(node), level != before, level))
            levels[node] = min(costs)[2]
            improved |= levels[node] != before
    return tuple(levels)
