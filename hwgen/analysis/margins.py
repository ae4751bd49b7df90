"""By how much an answer was chosen, and how many answers errors of that size would change."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Integers
from hwgen.network import Floats

_Logits = TypeVar("_Logits", Integers, Floats)


def gaps(logits: _Logits) -> _Logits:
    """Return by how much the largest logit of each row ``(n, classes)`` is above the next."""
    ordered = np.sort(logits, axis=1)
    result: _Logits = ordered[:, -1] - ordered[:, -2]
    return result


def leads(logits: Floats, chosen: npt.NDArray[np.int64]) -> Floats:
    """Return by how much the logit that each of `chosen` ``(n,)`` names is above all others."""
    rows = np.arange(len(logits))
    others = logits.astype(np.float64)
    others[rows, chosen] = -np.inf
    result: Floats = logits[rows, chosen] - others.max(axis=1)
    return result


def expected_changes(exact: Floats, found: Floats, share: float = 1.0) -> float:
    """Return the share of windows that would change class if errors fell on them by chance.

    Finer than by counting: every window's margin in the float network is held against the margin
    errors of all windows of its class, not only its own. n windows are then worth some
    n^2 / classes, and that none of a few narrow ones happened to tip over counts for little. Errors
    are in truth smaller where the signal is, so it overstates.

    Parameters
    ----------
    exact, found
        ``(n, classes)`` logits of the float network, and of the integer one in the same unit.
    share
        What is left of a margin elsewhere, where windows are less like those that were trained on.
    """
    winners = exact.argmax(axis=1)
    margin = leads(exact, winners)
    error = leads(found, winners) - margin
    changes = 0.0
    for winner in np.unique(winners):
        mine = winners == winner
        changes += np.searchsorted(np.sort(error[mine]), -share * margin[mine]).sum() / mine.sum()
    return float(changes / len(exact))
