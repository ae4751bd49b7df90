"""One search, from one seed: gates propose, fits decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwgen.neurons.fitted import Fitted
from hwgen.neurons.gated import EPOCHS, opened
from hwgen.neurons.pruned import Judge, grown, pruned
from hwgen.neurons.rows import Scale, parted, rows_of, scale_of
from hwgen.neurons.table import Table
from hwgen.neurons.terms import Terms, candidates
from hwgen.training.attempts import run_seed
from hwgen.training.fit import Diverged

ATTEMPTS = 3
HELD = 0.25
"""Share of the rows that judge, anew for each seed."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What is searched for, and for how long.

    Parameters
    ----------
    order, rank
        Highest order; products of sums of each order.
    epochs
        Of the training with gates.
    """

    order: int = 5
    rank: int = 8
    epochs: int = EPOCHS


@dataclass(frozen=True, eq=False)
class Found:
    """What one seed came to.

    Parameters
    ----------
    seed
        It.
    terms
        None at all where nothing is better than a constant.
    by_gates
        Terms whose gates stayed open.
    fit, scale
        Weights, and the scale they are for; None where there is no term.
    restarts
        After which a run had numbers to its end.
    """

    seed: int
    terms: Terms
    by_gates: Terms
    fit: Fitted | None = None
    scale: Scale | None = None
    restarts: int = 0


def searched(
    table: Table,
    asked: Asked,
    seed: int,
    *,
    say: Say = lambda _: None,
    progress: Callable[[], None] = lambda: None,
) -> Found:
    """Search the rows of a table from one seed; the same rows and seed give the same terms.

    A run whose loss is no number is begun again with another seed, and said; after `ATTEMPTS` of
    them the seed has found nothing.
    """
    train, held = parted(table, HELD, seed)
    for attempt in range(ATTEMPTS):
        start = run_seed(seed, "neuron", attempt)
        try:
            found = _run(table, asked, (train, held), start, progress)
        except Diverged:
            last = attempt + 1 == ATTEMPTS
            then = "it has found nothing" if last else "trying another start"
            say(f"seed {seed}: the search's loss is no number; {then}")
            continue
        if found is None:
            return Found(seed, (), (), restarts=attempt)
        by_gates, fit, scale = found
        return Found(seed, tuple(sorted(fit.terms)), by_gates, fit, scale, attempt)
    return Found(seed, (), (), restarts=ATTEMPTS)


def _run(
    table: Table,
    asked: Asked,
    parts: tuple[np.ndarray, np.ndarray],
    seed: int,
    progress: Callable[[], None],
) -> tuple[Terms, Fitted, Scale] | None:
    """Return terms of the open gates, the fit that is left, and its scale; None if none is."""
    scale = scale_of(table, parts[0])
    judge = _judge(table, parts, scale, asked, seed)
    every = candidates(asked.order)
    gates = opened(judge.rows, every, asked.rank, seed=seed, epochs=asked.epochs,
                   progress=progress)  # fmt: skip
    starts = [grown(judge, every)]
    if gates.terms and (fit := judge.fit(gates.terms, (None, None))) is not None:
        starts.append(fit)
    start = min(starts, key=lambda each: each.loss)
    fit = pruned(judge, start)
    if not fit.terms or not judge.useful(fit):
        return None
    if len(fit.terms) > 1 and scale.off_centre:
        other = _uncentred(table, parts, scale, asked, seed, fit)
        if other is not None:
            return gates.terms, other, scale.uncentred
    return gates.terms, fit, scale


def _uncentred(
    table: Table,
    parts: tuple[np.ndarray, np.ndarray],
    scale: Scale,
    asked: Asked,
    seed: int,
    centred: Fitted,
) -> Fitted | None:
    """Return a fit of fewer terms on inputs with their own zero; None if there is none as good.

    ``x^2`` of an input whose mean is not 0 has the powers 1 and 2 of what is standardised.
    """
    judge = _judge(table, parts, scale.uncentred, asked, seed)
    start = judge.fit(centred.terms)
    if start is None or not judge.as_good(start, centred):
        return None
    fit = pruned(judge, start)
    fewer = len(fit.terms) < len(centred.terms)
    return fit if fewer and fit.terms and judge.as_good(fit, centred) else None


def _judge(
    table: Table, parts: tuple[np.ndarray, np.ndarray], scale: Scale, asked: Asked, seed: int
) -> Judge:
    rows, held = (rows_of(table, part, scale) for part in parts)
    return Judge(rows, held, asked.rank, seed % 2**40)
