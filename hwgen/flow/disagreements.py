"""Where float and fixed-point network give different classes, and how sure each was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Integers
from hwgen.network import Floats
from hwgen.signals import spread

_ROWS = 20
"""Disagreements that are told one by one."""

_POINTS = 600
"""Windows whose two margins are kept for the figure, at most; disagreements at most half."""

_BEYOND = 1.5
"""Windows of the same class are shown up to so many times the largest margin that was lost."""

_BINS = 32

_NOTHING = 1e-300
"""Margins below this, in a network that tells nothing apart, have no scale."""

_DIGITS = 6
"""Significant decimal digits of a margin in the report."""


def disagreements(
    float_logits: Floats,
    fixed_logits: Floats,
    classes: Sequence[str],
    labels: Integers | None,
    places: Sequence[tuple[str, int]] | None = None,
) -> dict[str, Any]:
    """Compare the classes and the margins of two networks, window by window.

    A margin is the distance of the two largest logits: what an error must make up before the
    class changes.

    Parameters
    ----------
    float_logits, fixed_logits
        ``(n >= 1, classes)``, both in the float network's unit.
    classes
        Names.
    labels
        ``(n,)`` true classes; None where they are not known.
    places
        Recording and first sample of each window; None where they are not known.

    Returns
    -------
    ``of`` windows, ``count`` that differ; ``float_right`` and ``fixed_right`` of these (null
    without labels); ``rows``, those of the largest float margin first; ``error_95``, which the
    error of the margin exceeds in 5 % of the windows; ``histogram`` of float margins; and
    ``points``, ``differ`` disagreements and then others of such margins: float's, and the integer
    network's for the *same* class, which is negative, or 0 in a tie, where that is not its answer.
    """
    answers = [np.argmax(logits, axis=1) for logits in (float_logits, fixed_logits)]
    margins = [_margins(logits) for logits in (float_logits, fixed_logits)]
    differ = answers[0] != answers[1]
    found = np.flatnonzero(differ)
    found = found[np.argsort(-margins[0][found], kind="stable")]
    same_class = _margin_of(fixed_logits, answers[0])
    return {
        "count": len(found),
        "of": len(float_logits),
        "float_right": None if labels is None else int((answers[0] == labels)[found].sum()),
        "fixed_right": None if labels is None else int((answers[1] == labels)[found].sum()),
        "error_95": _rounded(np.percentile(np.abs(same_class - margins[0]), 95)),
        "histogram": _histogram(margins[0], differ),
        "points": _points(margins[0], same_class, found),
        "rows": [
            {
                "window": int(index),
                "recording": None if places is None else places[index][0],
                "start": None if places is None else int(places[index][1]),
                "true": None if labels is None else classes[labels[index]],
                "float": classes[answers[0][index]],
                "fixed": classes[answers[1][index]],
                "float_margin": _rounded(margins[0][index]),
                "fixed_margin": _rounded(margins[1][index]),
            }
            for index in found[:_ROWS]
        ],
    }


def _margins(logits: Floats) -> Floats:
    """Return the largest logit minus the second largest, ``(n,)``."""
    best = np.partition(logits, -2, axis=1)
    margins: Floats = best[:, -1] - best[:, -2]
    return margins


def _margin_of(logits: Floats, chosen: Integers) -> Floats:
    """Return the logit of the chosen class minus the largest other one, ``(n,)``."""
    column = chosen[:, np.newaxis]
    others = logits.copy()
    np.put_along_axis(others, column, -np.inf, axis=1)
    margins: Floats = np.take_along_axis(logits, column, axis=1)[:, 0] - others.max(axis=1)
    return margins


def _histogram(margins: Floats, differ: npt.NDArray[np.bool_]) -> dict[str, list[Any]]:
    """Count all windows, and those that differ, in equal bins of the float margin."""
    top = float(margins.max())
    edges = np.linspace(0, top if top > _NOTHING else 1.0, _BINS + 1)
    return {
        "edges": [_rounded(edge) for edge in edges],
        "windows": np.histogram(margins, edges)[0].tolist(),
        "differ": np.histogram(margins[differ], edges)[0].tolist(),
    }


def _points(margins: Floats, same_class: Floats, found: Integers) -> dict[str, Any]:
    """Return both margins of windows near the decision, disagreements first."""
    half = _POINTS // 2
    shown = found[spread(len(found), half)]
    agree = np.setdiff1d(np.arange(len(margins)), found)
    agree = agree[np.argsort(margins[agree], kind="stable")]
    # As far up as disagreements go, for what else is there; or else the least sure ones.
    reach = _BEYOND * margins[found].max() if len(found) else 0.0
    near = agree[: max(half, int(np.searchsorted(margins[agree], reach)))]
    chosen = np.concatenate([shown, near[spread(len(near), _POINTS - len(shown))]])
    return {
        "differ": len(shown),
        "float": [_rounded(value) for value in margins[chosen]],
        "fixed": [_rounded(value) for value in same_class[chosen]],
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
