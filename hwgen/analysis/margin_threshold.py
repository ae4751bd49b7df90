"""From which margin on a class is taken for known: decided by data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def threshold(right: Sequence[int], percent: float) -> int:
    """Return the least margin of a known class.

    Parameters
    ----------
    right
        Margins of windows whose class was right.
    percent
        Of them, how many may be below the threshold, at most.

    Returns
    -------
    The largest integer with at most that share below it; 0 without windows or with 0 per cent.
    """
    if not len(right) or not percent:
        return 0
    ordered = np.sort(np.asarray(right, dtype=np.int64))
    return int(ordered[int(len(ordered) * percent / 100)])


def share_below(margins: Sequence[int], least: int) -> float | None:
    """Return the share of margins below `least`; None of none."""
    if not len(margins):
        return None
    return float(np.mean(np.asarray(margins, dtype=np.int64) < least))
