"""How many answers quantization is to be expected to change, finer than by counting."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats


def expected_changes(exact: Floats, found: Floats, share: float = 1.0) -> float:
    """Return the share of windows that would change class if errors fell on them by chance.

    Every window's margin in the float network is held against the margin errors of all windows of
    its class, not only its own: n windows are then worth some n^2 / classes, and that none of a
    few narrow ones happened to tip over counts for little. Errors are in truth smaller where the
    signal is, so it overstates.

    Parameters
    ----------
    exact, found
        ``(n, classes)`` logits of the float network, and of the integer one in the same unit.
    share
        What is left of a margin elsewhere, where windows are less like those that were trained on.
    """
    winners = exact.argmax(axis=1)
    margin = _margin(exact, winners)
    error = _margin(found, winners) - margin
    changes = 0.0
    for winner in np.unique(winners):
        mine = winners == winner
        changes += np.searchsorted(np.sort(error[mine]), -share * margin[mine]).sum() / mine.sum()
    return float(changes / len(exact))


def _margin(logits: Floats, winners: np.ndarray) -> Floats:
    """Return by how much each window's `winners` logit is above the others."""
    rows = np.arange(len(logits))
    others = logits.astype(np.float64)
    others[rows, winners] = -np.inf
    result: Floats = logits[rows, winners] - others.max(axis=1)
    return result
