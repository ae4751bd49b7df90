"""Terms come and go, one after another, by what held rows miss without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from hwgen.neurons.fitted import Fitted, constant, fitted
from hwgen.neurons.rows import Rows
from hwgen.neurons.terms import Term, Terms, candidates
from hwgen.training.fit import Diverged

TOLERANCE = 0.01
"""Of the constant's loss: a term that gains less is not worth its products."""


@dataclass(frozen=True)
class Judge:
    """Fits terms, and says whether one fit is as good as another.

    Parameters
    ----------
    rows, held
        For weights; for the judgement.
    rank, seed
        Of products; of the weights that fits begin with.
    """

    rows: Rows
    held: Rows
    rank: int
    seed: int

    def fit(
        self,
        terms: Terms,
        starts: Sequence[Fitted | None] = (None,),
        like: Fitted | None = None,
    ) -> Fitted | None:
        """Return the best of several fits; None if none has numbers.

        A fit that is as good as `like` need not become better.
        """

        def enough(fit: Fitted) -> bool:
            return like is not None and self.as_good(fit, like)

        found = []
        for number, start in enumerate(starts):
            try:
                fit = fitted(self.rows, self.held, terms, self.rank, seed=self.seed + number,
                             start=start, enough=enough)  # fmt: skip
            except Diverged:
                continue
            found.append(fit)
        return min(found, key=lambda each: each.loss, default=None)

    def as_good(self, one: Fitted, other: Fitted) -> bool:
        """Return whether `one` loses no more than can be chance, or than is worth a term.

        The rule of one standard error (L. Breiman et al., Classification and regression trees,
        1984), on the difference of each held row.
        """
        return self._near(one.held - other.held)

    def useful(self, one: Fitted) -> bool:
        """Return whether a fit is better than the constant by more than that."""
        return not self._near(constant(self.rows, self.held).held - one.held)

    def _near(self, lost: Tensor) -> bool:
        """Return whether a mean of what is lost by row is within the tolerance."""
        base = constant(self.rows, self.held).loss
        error = float(lost.std()) / len(lost) ** 0.5 if len(lost) > 1 else 0.0
        return float(lost.mean()) <= max(TOLERANCE * base, error)


def grown(judge: Judge, every: Terms) -> Fitted:
    """Return a fit to which the term was added that helps most, as long as one helps.

    Alone a product is found within few steps that is lost among many others, where rows are few
    for so many weights.
    """
    now = constant(judge.rows, judge.held)
    while len(now.terms) < len(every):
        tried = [
            judge.fit(tuple(sorted((*now.terms, term))), (now,))
            for term in every
            if term not in now.terms
        ]
        best = min(
            (each for each in tried if each is not None), key=lambda each: each.loss, default=now
        )
        if judge.as_good(now, best):
            break
        now = best
    return now


def pruned(judge: Judge, start: Fitted, progress: Callable[[], None] = lambda: None) -> Fitted:
    """Return the fit with as few terms as are as good as the best fit on the way.

    Terms are tried in the order of what they add, the least first, the higher order first where
    that is equal; each begins with the weights that there are, and where that is not enough,
    with new ones. What stays is `lowered`.
    """
    best, now = start, start
    for term in _by_weight(start, judge.rows):
        rest = tuple(each for each in now.terms if each != term)
        without = _without(judge, now, best, rest)
        progress()
        if without is None:
            continue
        now = without
        best = min(best, now, key=lambda each: each.loss)
    return lowered(judge, now, best)


def lowered(judge: Judge, now: Fitted, best: Fitted) -> Fitted:
    """Return the fit with each term in the place of which a lower one is as good exchanged for it.

    The highest first; a power stands before a product of its order. Few rows do not say of what
    order a curve is, and each seed would say something else.
    """
    for term in sorted(now.terms, reverse=True):
        for lower in candidates(term.order):
            if lower in now.terms or lower >= term:
                continue
            others = (each for each in now.terms if each != term)
            found = judge.fit(tuple(sorted((*others, lower))), (now,), best)
            if found is not None and judge.as_good(found, best):
                now = found
                break
    whole = judge.fit(now.terms, (now,))
    return now if whole is None else min(now, whole, key=lambda each: each.loss)


def _without(judge: Judge, now: Fitted, best: Fitted, rest: Terms) -> Fitted | None:
    """Return the fit of the rest if it is as good as the best; None if it is not."""
    for start in (now, None):
        found = judge.fit(rest, (start,), best)
        if found is not None and judge.as_good(found, best):
            return found
    return None


def _by_weight(start: Fitted, rows: Rows) -> list[Term]:
    def key(term: Term) -> tuple[float, int]:
        return round(float(start.part(term, rows.x).std()), 2), -term.order

    return sorted(start.terms, key=key)
