"""Runs until one has not collapsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from hwgen import files
from hwgen.errors import CannotMeetError
from hwgen.training.average import State, copied
from hwgen.training.fit import Diverged, Snapshot
from hwgen.training.journal import Journal

COLLAPSED_F1 = 0.4
"""A run with less on its own training data has collapsed: one class for all gives 1/3 or less."""
ATTEMPTS = 3
_DIVERGED_F1 = -1.0

Say = Callable[[str], None]
Fit = Callable[[nn.Module, int, Snapshot | None, Callable[[Snapshot], None]], None]
"""Trains a model in place: takes it, the seed, where to go on from, and what keeps snapshots."""


@dataclass(frozen=True)
class Attempt:
    """The run that counts.

    Parameters
    ----------
    f1
        On its own training data.
    model
        Its weights.
    restarts
        Runs before it that collapsed.
    """

    f1: float
    model: State
    restarts: int


def run_seed(seed: int, kind: str, attempt: int) -> int:
    """Return the seed of one run; those of different runs have nothing to do with each other."""
    return int(files.digest(str(seed), kind, str(attempt))[:15], 16)


def best_attempt(
    kind: str,
    make: Callable[[int], nn.Module],
    fit: Fit,
    score: Callable[[nn.Module], float],
    *,
    seed: int,
    journal: Journal,
    say: Say | None,
) -> Attempt:
    """Return the first run that has not collapsed, or the best of all.

    Parameters
    ----------
    kind
        ``"teacher"`` or ``"student"``.
    make
        Returns a new model for a seed.
    score
        F1 of a model on its own training data.
    journal
        Runs that are in it are not run again.

    Raises
    ------
    CannotMeetError
        If no run ends with numbers for weights.
    """
    results: list[tuple[float, State]] = []
    for attempt in range(ATTEMPTS):
        run = f"{kind} {attempt + 1}"
        results.append(
            journal.finished(run)
            or _one_run(run, make, fit, score, run_seed(seed, kind, attempt), journal)
        )
        f1 = results[-1][0]
        if f1 >= COLLAPSED_F1:
            break
        if say:
            say(_told(kind, f1, last=attempt + 1 == ATTEMPTS))
    f1, model = max(results, key=lambda result: result[0])
    if not model:
        raise CannotMeetError(
            f"training of the {kind} must end with finite weights, but diverged {ATTEMPTS} times; "
            "check the recordings' unit, or use --recipe default"
        )
    return Attempt(f1, model, len(results) - 1)


def _one_run(
    run: str,
    make: Callable[[int], nn.Module],
    fit: Fit,
    score: Callable[[nn.Module], float],
    seed: int,
    journal: Journal,
) -> tuple[float, State]:
    model = make(seed)
    try:
        fit(model, seed, journal.snapshot(run), lambda snapshot: journal.keep(run, snapshot))
        result = score(model), copied(model.state_dict())
    except Diverged:
        result = _DIVERGED_F1, {}
    journal.finish(run, *result)
    return result


def _told(kind: str, f1: float, *, last: bool) -> str:
    what = "diverged" if f1 == _DIVERGED_F1 else "collapsed"
    figure = "" if f1 == _DIVERGED_F1 else f" (F1 {f1:.2f} on its own training data)"
    then = f"keeping the best of {ATTEMPTS} runs" if last else "trying another seed"
    return f"training of the {kind} {what}{figure}; {then}"
