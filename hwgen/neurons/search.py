"""The search over seeds: which neuron comes out most often, and how good it is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from hwgen.errors import UsageError
from hwgen.metrics import macro_f1
from hwgen.network.neuron import Neuron
from hwgen.neurons.one import HELD, Asked, Found, Say, searched
from hwgen.neurons.pruned import Judge
from hwgen.neurons.rows import Scale, parted, rows_of, scale_of
from hwgen.neurons.table import FEWEST, MOST_ROWS, Table
from hwgen.neurons.terms import Term, Terms, candidates, neuron_of, terms_of
from hwgen.neurons.told import Monomial, largest

TEST = 0.2
"""Share of the rows that no search sees."""
LINEAR = Neuron((1,))
QUADRATIC = Neuron((1, 2), (2,))
_MOST_CELLS = 30_000_000
"""Numbers in all sums of all products of all rows, 8 bytes each."""


@dataclass(frozen=True)
class Score:
    """How good a layer of one neuron for each answer is on rows that no search has seen.

    Parameters
    ----------
    loss
        Mean squared error of values with a deviation of 1 in training, or cross-entropy in nats.
    f1
        Macro F1; None of values.
    parameters
        Of the layer.
    """

    loss: float
    f1: float | None
    parameters: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields."""
        return {"loss": self.loss, "f1": self.f1, "parameters": self.parameters}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search over seeds came to.

    Parameters
    ----------
    neuron
        The one that came out most often; None where that is no term at all.
    found
        Of each seed.
    scores
        Of the neuron and of usual ones, by name.
    terms
        The largest ones of the neuron, by the names of their inputs.
    rows
        That were searched, and that scored.
    seconds
        Of all searches.
    """

    neuron: Neuron | None
    found: tuple[Found, ...]
    scores: dict[str, Score]
    terms: tuple[Monomial, ...]
    rows: tuple[int, int]
    seconds: float

    @property
    def times(self) -> int:
        """How many of the seeds said so."""
        wanted = terms_of(self.neuron) if self.neuron else ()
        return sum(set(each.terms) == set(wanted) for each in self.found)

    def to_json(self) -> dict[str, Any]:
        """Return what a neuron's file says of its search."""
        return {
            "times": self.times,
            "of": len(self.found),
            "seeds": [
                {
                    "seed": each.seed,
                    "formula": formula(each.terms),
                    "open_gates": formula(each.by_gates),
                    "restarts": each.restarts,
                }
                for each in self.found
            ],
            "scores": {name: score.to_json() for name, score in self.scores.items()},
            "terms": [str(each) for each in self.terms],
            "searched_rows": self.rows[0],
            "held_rows": self.rows[1],
            "seconds": round(self.seconds, 1),
        }


def formula(terms: Terms) -> str:
    """Return a neuron's formula; ``nothing`` where there is no term."""
    return neuron_of(terms).formula if terms else "nothing"


def search(
    table: Table,
    asked: Asked,
    *,
    seed: int,
    seeds: int,
    test: Table | None = None,
    say: Say = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Search from several seeds, and score what came out most often.

    Parameters
    ----------
    seed, seeds
        The first, and how many: each parts the rows anew and begins with other weights. `seed`
        also says which rows are kept for the scores.
    test
        Rows for the scores; None: a part of the table's.
    progress
        Called with how much of how much is done.

    Raises
    ------
    UsageError
        If order, rank and classes are too much for memory.
    """
    most = most_rows(table, asked)
    if test is None:
        rows, kept = parted(table, TEST, seed)
        table, test = table.some(rows), table.some(kept)
    table, test = (_fewer(each, most, seed, say, of) for each, of in
                   ((table, "searched"), (test, "scored")))  # fmt: skip
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order would be other sums, and threads do not help
    try:
        return _searched(table, test, asked, range(seed, seed + seeds), say, progress)
    finally:
        torch.set_num_threads(threads)


def _searched(
    table: Table,
    test: Table,
    asked: Asked,
    seeds: range,
    say: Say,
    progress: Callable[[int, int], None],
) -> Outcome:
    begun, steps = time.monotonic(), asked.epochs + asked.epochs // 2
    found: list[Found] = []
    for number, seed in enumerate(seeds):
        tick = _Ticks(number * steps, len(seeds) * steps, progress)
        found.append(searched(table, asked, seed, say=say, progress=tick))
        progress((number + 1) * steps, len(seeds) * steps)
        say(f"seed {seed}: {formula(found[-1].terms)}")
    terms = _most_frequent(found)
    neuron = neuron_of(terms) if terms else None
    scores, told = _scored(table, test, asked, seeds[0], found, terms)
    lengths = len(table.x), len(test.x)
    return Outcome(neuron, tuple(found), scores, told, lengths, time.monotonic() - begun)


@dataclass
class _Ticks:
    """Counts epochs for whoever wants to know how far all is."""

    done: int
    total: int
    progress: Callable[[int, int], None]

    def __call__(self) -> None:
        self.done = min(self.done + 1, self.total)
        self.progress(self.done, self.total)


def _most_frequent(found: list[Found]) -> Terms:
    """Return the terms that came out most often; of equals the fewest, but not none."""
    counts = Counter(each.terms for each in found)
    return min(counts, key=lambda terms: (-counts[terms], not terms, len(terms), terms))


def _scored(
    table: Table, test: Table, asked: Asked, seed: int, found: list[Found], terms: Terms
) -> tuple[dict[str, Score], tuple[Monomial, ...]]:
    if not terms:
        return {}, ()
    of = [each for each in found if each.terms == terms and each.fit and each.scale]
    best = min(of, key=lambda each: each.fit.loss if each.fit else 0)
    assert best.fit is not None
    assert best.scale is not None
    scale = scale_of(table, parted(table, HELD, seed)[0])
    own = scale if best.scale.mean.any() or not scale.mean.any() else scale.uncentred
    usual = {"linear": LINEAR, "quadratic": QUADRATIC}
    scores = {"found": score(table, test, terms, asked, own, seed)} | {
        name: score(table, test, terms_of(neuron), asked, scale, seed)
        for name, neuron in usual.items()
    }
    return scores, tuple(largest(table, best.fit, best.scale))


def score(table: Table, test: Table, terms: Terms, asked: Asked, scale: Scale, seed: int) -> Score:
    """Return how good terms are, with weights from `table`, on the rows of `test`."""
    train, held = parted(table, HELD, seed)
    rows, stop = (rows_of(table, part, scale) for part in (train, held))
    kept = rows_of(test, np.arange(len(test.x)), scale)
    fit = Judge(rows, stop, asked.rank, seed % 2**40).fit(terms, (None, None))
    parameters = _parameters(terms, rows.x.shape[1], rows.outputs, asked.rank)
    if fit is None:
        return Score(float("inf"), None, parameters)
    with torch.no_grad():
        answers = fit.answers(kept.x)
        loss = float(kept.losses(answers).mean())
    if not rows.classes:
        return Score(loss, None, parameters)
    f1 = macro_f1(kept.y.numpy(), answers.argmax(1).numpy(), rows.classes)
    return Score(loss, f1, parameters)


def _parameters(terms: Terms, inputs: int, outputs: int, rank: int) -> int:
    """Return how many weights and biases the terms have, in the form that is searched."""

    def of(term: Term) -> int:
        return inputs * outputs * (1 if term.kind == "power" else term.order * rank)

    return outputs + sum(of(term) for term in terms)


def most_rows(table: Table, asked: Asked) -> int:
    """Return how many rows are searched at most.

    Raises
    ------
    UsageError
        If memory has not room for enough.
    """
    orders = sum(t.order for t in candidates(asked.order) if t.kind == "product")
    cells = max(1, orders * asked.rank * (len(table.classes) or 1))
    most = min(MOST_ROWS, _MOST_CELLS // cells)
    if most < max(FEWEST, 10 * len(table.classes)):
        raise UsageError(
            f"--order {asked.order} and --rank {asked.rank} with {len(table.classes)} classes have "
            f"{cells} sums a row, of which memory has room for {most} rows only; lower --rank"
        )
    return most


def _fewer(table: Table, most: int, seed: int, say: Say, what: str) -> Table:
    """Return at most so many rows of a table, by chance, each class with its share."""
    count = len(table.x)
    if count <= most:
        return table
    say(f"{what}: {most} of {count} rows, by chance; more would not change a few terms")
    return table.some(parted(table, most / count, seed)[1][:most])


def with_rank(neuron: Neuron, rank: int | None) -> Neuron:
    """Return the neuron in the form whose products all neurons of a layer share, if it has any."""
    return replace(neuron, rank=rank if neuron.products else None)
