"""The moves of the search for bits: a greedy walk down, then exchanges around what it found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from hwgen.network import Network
from hwgen.quantized import Precision
from hwgen.quantized.op import depends
from hwgen.quantized.precision import VALUES, WEIGHTS
from hwgen.widths.candidate import Candidate, Judge

LEAST = 2
"""Narrowest feature, activation and weight."""

_BEYOND = 1.0
"""The walk goes on until this many percentage points beyond the bound, for the front's sake."""

_EXCHANGES = 60
"""Most assignments that exchanges try."""

_Place = tuple[int, ...]
"""Place on the line of front-ends, and how far each of the other widths is below the start."""

_Axes = tuple[int, ...]
"""Elements of a place."""


def behind_of(network: Network) -> tuple[str, ...]:
    """Return the widths of values and weights that a network's layers have, in their order."""
    read = set().union(*(depends(layer.op) for layer in network.layers))
    return tuple(
        f.name for f in dataclasses.fields(Precision) if f.name in {*VALUES, *WEIGHTS} & read
    )


def _axes(behind: tuple[str, ...]) -> tuple[_Axes, ...]:
    """Return what is narrowed together.

    The front-end, each other width, and those that share a memory and a multiplier, where one alone
    may save nothing: the values, and the weights.
    """
    single = [(axis,) for axis in range(len(behind) + 1)]
    shared = [
        tuple(axis for axis, name in enumerate(behind, 1) if name in kind)
        for kind in (VALUES, WEIGHTS)
    ]
    return (*single, *(axes for axes in shared if len(axes) > 1))


class Walk:
    """The moves of the search.

    Parameters
    ----------
    judge
        Measures an assignment.
    predict
        Cost of one without measuring it; only compared with its like.
    start, fronts
        The widest bits, and the line of front-ends, which begins with theirs.
    behind
        The other widths that are searched.
    max_drop
        Bound, in percentage points.
    tell
        Told of every step.
    """

    def __init__(
        self,
        judge: Judge,
        predict: Callable[[Precision], float],
        start: Precision,
        fronts: tuple[Precision, ...],
        behind: tuple[str, ...],
        max_drop: float,
        tell: Callable[[str], None],
    ):
        self._judge = judge
        self._predict = predict
        self._start = start
        self._fronts = fronts
        self._behind = behind
        self._axes = _axes(behind)
        self._max_drop = max_drop
        self._tell = tell

    def best(self) -> Candidate | None:
        """Return the cheapest within the bound; of equal ones the one nearest to float."""
        within = [c for c in self._judge.known.values() if self.needed(c) <= self._max_drop]
        return min(within, key=lambda c: (c.weight, -c.agreement, c.drop), default=None)

    def needed(self, candidate: Candidate) -> float:
        """Return the least bound that lets the candidate in (`Search.chosen`)."""
        start = self._judge(self._start)
        return max(
            candidate.drop,
            candidate.sure_drop - (start.sure_drop - start.drop),
            candidate.expected - start.expected,
        )

    def down(self) -> None:
        """Narrow one width after the other, first within the bound, then a little beyond."""
        place: _Place = (0,) * (1 + len(self._behind))
        start = self._judge(self._start)
        for bound in (self._max_drop, max(self._max_drop, start.drop) + _BEYOND):
            while (following := self._step(place, bound)) is not None:
                place = following
                self._say(self._judge(self._bits(place)))

    def _step(self, place: _Place, bound: float) -> _Place | None:
        """Return the place that saves most for each answer that it changes; None if none fits."""
        here, predicted = self._judge(self._bits(place)), self._predict(self._bits(place))
        best, most = None, 0.0
        for axes in self._axes:
            there_place = _moved(place, axes, 1)
            if not self._exists(there_place):
                continue
            saved = predicted - self._predict(self._bits(there_place))
            # Even where it changes no answer at all it would not be the best, or saves nothing.
            if saved <= 0 or _worth(saved, 0.0) <= most:
                continue
            there = self._judge(self._bits(there_place))
            worth = _worth(saved, here.agreement - there.agreement)
            if worth > most and self.needed(there) <= bound:
                best, most = there_place, worth
        return best

    def exchange(self) -> None:
        """Go on to cheaper neighbours of the best within the bound, while there are any."""
        end = len(self._judge.known) + _EXCHANGES
        while (best := self.best()) is not None:
            place = self._place(best.bits)
            assert place is not None
            limit = self._predict(best.bits)
            cheaper = sorted(
                (predicted, other)
                for other in set(_neighbours(place, self._axes))
                if self._exists(other) and (predicted := self._predict(self._bits(other))) < limit
            )
            for _, other in cheaper:
                if len(self._judge.known) >= end:
                    return
                self._judge(self._bits(other))
                if self.best() is not best:
                    break
            else:
                return
            self._say(self._judge(self._bits(other)))

    def _exists(self, place: _Place) -> bool:
        widths = [getattr(self._start, name) for name in self._behind]
        return 0 <= place[0] < len(self._fronts) and all(
            0 <= below <= max(0, width - LEAST)
            for width, below in zip(widths, place[1:], strict=True)
        )

    def _bits(self, place: _Place) -> Precision:
        below = zip(self._behind, place[1:], strict=True)
        widths = {name: getattr(self._start, name) - fewer for name, fewer in below}
        return dataclasses.replace(self._fronts[place[0]], **widths)

    def _place(self, bits: Precision) -> _Place:
        front = dataclasses.replace(bits, **{n: getattr(self._start, n) for n in self._behind})
        below = (getattr(self._start, n) - getattr(bits, n) for n in self._behind)
        return (self._fronts.index(front), *below)

    def _say(self, candidate: Candidate) -> None:
        widths = "/".join(
            str(getattr(candidate.bits, name)) for name in ("adc", "data", "twiddle", *self._behind)
        )
        self._tell(
            f"{len(self._judge.known)} tried: {widths} bits, "
            f"{candidate.weight:,.0f} LUT4-equivalents, drop {candidate.drop:.3f}"
        )


def _worth(saved: float, changed: float) -> float:
    """Return what a move saves for each answer that it changes, of a thousand and one more."""
    return saved / (1 + 1000 * max(0.0, changed))


def _moved(place: _Place, axes: tuple[int, ...], steps: int) -> _Place:
    return tuple(at + steps * (axis in axes) for axis, at in enumerate(place))


def _neighbours(place: _Place, every: tuple[_Axes, ...]) -> Iterator[_Place]:
    """Yield the places with widths one or two down, and with another one up besides."""
    for axes in every:
        for steps in (1, 2):
            down = _moved(place, axes, steps)
            yield down
            for up in set(range(len(place))) - set(axes):
                yield _moved(down, (up,), -1)
