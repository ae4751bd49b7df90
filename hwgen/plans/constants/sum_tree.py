"""The order in which few summands are added up by small adders."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeAlias

from hwgen.plans.constants.adder_graph import Span, adder_size, row_span

Tree: TypeAlias = "int | tuple[Tree, Tree]"
"""The number of a summand, or the sum of two trees."""

_NEVER = 1 << 30

_FEW = 10
"""With more summands fewer moves are tried."""


@dataclass(frozen=True)
class Summand:
    """Something to be added.

    Parameters
    ----------
    row
        Its factors of the inputs, sign and shift included.
    shift
        Its lowest bits, as many, are zero.
    depth
        Level of adders at which it is known.
    """

    row: tuple[int, ...]
    shift: int
    depth: int


def best_tree(summands: list[Summand], depth: int, source: Span, moves: int) -> Tree:
    """Return a tree of at most `depth` levels for the sum of all summands.

    For an order of the summands the cheapest tree whose sums are of neighbours is found exactly,
    by dynamic programming; then summands are moved at random, as long as that costs no more.

    Parameters
    ----------
    summands
        At least one; a tree of `depth` levels has room for them.
    depth
        Levels, those of the summands included.
    source
        What an input can be.
    moves
        How many are tried.
    """
    sums = _Sums(summands, depth, source)
    order = sorted(range(len(summands)), key=lambda each: (summands[each].shift, each))
    best = sums.cost(order)
    if best >= _NEVER:
        # Whatever there is room for fits when the deepest come first.
        order.sort(key=lambda each: -summands[each].depth)
        best = sums.cost(order)
    if len(order) > 2:
        draw = random.Random(len(order))
        # The time of a trial grows with the third power.
        for _ in range(min(moves, moves * _FEW**2 // len(order) ** 2)):
            trial = order.copy()
            moved = trial.pop(int(draw.random() * len(trial)))
            trial.insert(int(draw.random() * (len(trial) + 1)), moved)
            cost = sums.cost(trial)
            if cost <= best:
                best, order = cost, trial
    return sums.tree(order)


class _Sums:
    """What sums of some of the summands cost."""

    def __init__(self, summands: list[Summand], depth: int, source: Span):
        self._summands, self._depth, self._source = summands, depth, source
        self._widths: dict[int, int] = {}

    def cost(self, order: list[int]) -> int:
        """Return the size of the cheapest tree of this order."""
        return self._table(order)[0, len(order) - 1][self._depth]

    def tree(self, order: list[int]) -> Tree:
        """Return the cheapest tree of this order."""
        table = self._table(order)

        def best(first: int, last: int, height: int) -> Tree:
            if first == last:
                return order[first]
            for middle in range(first, last):
                cost = self._adder(order, first, middle, last)
                cost += table[first, middle][height - 1] + table[middle + 1, last][height - 1]
                if cost == table[first, last][height]:
                    return best(first, middle, height - 1), best(middle + 1, last, height - 1)
            raise AssertionError("a sum must be made of two")

        return best(0, len(order) - 1, self._depth)

    def _adder(self, order: list[int], first: int, middle: int, last: int) -> int:
        """Return the size of the adder of two neighbouring sums."""
        shift = [self._summands[each].shift for each in order]
        high = max(min(shift[first : middle + 1]), min(shift[middle + 1 : last + 1]))
        return adder_size(self._top(order[first : last + 1]) - high)

    def _top(self, members: list[int]) -> int:
        """Return the bits of a sum, those below its shift included."""
        key = 0
        for each in members:
            key |= 1 << each
        if key not in self._widths:
            rows = zip(*(self._summands[each].row for each in members), strict=True)
            self._widths[key] = row_span([sum(column) for column in rows], self._source).width
        return self._widths[key]

    def _table(self, order: list[int]) -> dict[tuple[int, int], list[int]]:
        """Return for each run of neighbours its cost in a tree of at most each height."""
        count, depth = len(order), self._depth
        shift = [self._summands[each].shift for each in order]
        lows: dict[tuple[int, int], int] = {}
        table: dict[tuple[int, int], list[int]] = {}
        for place, each in enumerate(order):
            lows[place, place] = shift[place]
            least = self._summands[each].depth
            table[place, place] = [0 if height >= least else _NEVER for height in range(depth + 1)]
        for length in range(2, count + 1):
            for first in range(count - length + 1):
                last = first + length - 1
                lows[first, last] = min(lows[first, last - 1], shift[last])
                top = self._top(order[first : last + 1])
                best = [_NEVER] * (depth + 1)
                # No tree of fewer levels has so many leaves.
                heights = range((length - 1).bit_length() - 1, depth)
                for middle in range(first, last):
                    size = adder_size(top - max(lows[first, middle], lows[middle + 1, last]))
                    left, right = table[first, middle], table[middle + 1, last]
                    for height in heights:
                        cost = left[height] + right[height] + size
                        # As an if: this is where a search spends its time.
                        if cost < best[height + 1]:  # noqa: PLR1730
                            best[height + 1] = cost
                table[first, last] = best
        return table
