"""The cheapest bits whose answers stay as good as the float network's.

A greedy walk down from the widest bits, always to the neighbour that saves most for the answers
that it changes; then exchanges (some widths down, another up) around what it found. Every choice is
decided by data and ties by order: the same input gives the same search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from hwgen.calibration.fit import Method
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Network
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.make import requantized
from hwgen.signals.task import Task
from hwgen.targets import Cells
from hwgen.widths.cached import Staged
from hwgen.widths.candidate import Candidate, Judge
from hwgen.widths.moves import Walk, behind_of
from hwgen.widths.spectrum_widths import line


@dataclass(frozen=True)
class Search:
    """What was tried, and what was chosen.

    Parameters
    ----------
    chosen
        The cheapest candidate within the bound: its drop is, its sure drop too, given the credit
        that the start has (so that the start itself is never refused for it), and the changes
        that are to be expected beyond the start's.
    front
        Candidates that none beats in both cost and sure drop, and the chosen one; cheapest first.
    tried
        All of them, in the order of the search.
    float_f1
        Macro-F1 of the float network on the held-out windows.
    max_drop
        The bound, in percentage points.
    """

    chosen: Candidate
    front: tuple[Candidate, ...]
    tried: tuple[Candidate, ...]
    float_f1: float
    max_drop: float

    def to_json(self) -> dict[str, Any]:
        """Return the report's part: `tried` shortened to what is drawn of it."""
        return {
            "max_drop": self.max_drop,
            "float_f1": self.float_f1,
            "chosen": self.chosen.to_json(),
            "front": [each.to_json() for each in self.front],
            "tried": [{"weight": e.weight, "sure_drop": e.sure_drop} for e in self.tried],
        }


@dataclass(frozen=True, eq=False)
class Problem:
    """What the cheapest bits are wanted for.

    Parameters
    ----------
    network
        Float network with an output that is a class.
    calibration
        ``(n, *input_shape)`` sensor values in g, for the formats.
    held, labels
        ``(m, *input_shape)`` and ``(m,)``: what the drop is measured on, none of them among the
        former. More windows, of several realisations of the noise, are a finer measure.
    task, method
        As `hwgen.calibration.calibrate` takes them.
    cost_of, weigh
        Estimate of the hardware, and its weight as one number.
    """

    network: Network
    calibration: Floats
    held: Floats
    labels: Integers
    task: Task
    method: Method
    cost_of: Callable[[QuantizedModel], Cells]
    weigh: Callable[[Cells], float]


def search(
    problem: Problem, start: Precision, max_drop: float, tell: Callable[[str], None] | None = None
) -> Search:
    """Find the cheapest bits within `max_drop` percentage points of the float network's macro-F1.

    Parameters
    ----------
    problem
        Network, windows and cost.
    start
        No width is chosen above these; magnitude and full scale are kept.
    max_drop
        Percentage points.
    tell
        Told how far the search is, one line at a time.

    Raises
    ------
    UsageError
        If `max_drop` is no share.
    InputError
        If there are no held-out windows, or their labels do not fit.
    CannotMeetError
        If not even `start` stays within the bound; says the smallest drop found.
    """
    network, weigh, cost_of = problem.network, problem.weigh, problem.cost_of
    classes = len(problem.task.classes)
    _check(problem.held, problem.labels, classes, max_drop)
    staged = Staged(
        network,
        problem.calibration,
        problem.held,
        problem.method,
        problem.task,
    )
    exact = network.run(problem.held * problem.task.input_scale)
    judge = Judge(staged, problem.labels, exact, classes, cost_of, weigh)
    model, _ = staged.run(start)

    @cache
    def predict(bits: Precision) -> float:
        # The shifts do not matter much to the cost, and need no windows when they are kept.
        return weigh(cost_of(requantized(network, model, bits)))

    fronts = tuple(each.bits for each in line(network, problem.calibration, start, predict))
    walk = Walk(judge, predict, start, fronts, behind_of(network), max_drop, tell or _silent)
    walk.down()
    walk.exchange()
    tried = tuple(judge.known.values())
    chosen = walk.best()
    if chosen is None:
        least = min(map(walk.needed, tried))
        raise CannotMeetError(
            f"max-drop must be at least {least:.3g} percentage points on "
            f"{len(problem.held)} held-out "
            f"windows with these bits, not {max_drop:g}; allow more or give more bits"
        )
    return Search(chosen, front(tried, chosen), tried, judge.float_f1, max_drop)


def _check(held: Floats, labels: Integers, classes: int, max_drop: float) -> None:
    """Refuse what a drop cannot be measured on."""
    if not 0 <= max_drop <= 100:
        raise UsageError(f"max-drop must be 0 to 100 percentage points, not {max_drop!r}")
    if not len(held) or labels.shape != held.shape[:1]:
        raise InputError(
            f"held-out windows must be at least one, each with its label, not {held.shape} and "
            f"{labels.shape}; give recordings with labels"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise InputError(f"labels must be 0 to {classes - 1}, not {labels.min()}..{labels.max()}")


def _silent(_: str) -> None:
    pass


def front(tried: tuple[Candidate, ...], chosen: Candidate) -> tuple[Candidate, ...]:
    """Return `chosen` and what none beats in both cost and sure drop, cheapest first."""
    kept: list[Candidate] = []
    least = float("inf")
    for each in sorted(tried, key=lambda c: (c.weight, c.sure_drop, -c.agreement)):
        if each is chosen or each.sure_drop < least:
            kept.append(each)
            least = min(least, each.sure_drop)
    return tuple(kept)
