"""Where float and fixed-point network give different classes, and how sure each was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.analysis.margins import gaps, leads
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


@dataclass(frozen=True)
class Disagreement:
    """One window that the networks judge differently.

    Parameters
    ----------
    window
        Its number.
    place
        Recording and first sample; None where they are not known.
    label
        The true class; None where it is not known.
    classes, margins
        What the float and the integer network answer, and by what margin each.
    """

    window: int
    place: tuple[str, int] | None
    label: str | None
    classes: tuple[str, str]
    margins: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        recording, start = self.place or (None, None)
        return {
            "window": self.window,
            "recording": recording,
            "start": start,
            "true": self.label,
            "float": self.classes[0],
            "fixed": self.classes[1],
            "float_margin": self.margins[0],
            "fixed_margin": self.margins[1],
        }


@dataclass(frozen=True)
class Histogram:
    """How many windows, and how many that differ, have a float margin between two edges."""

    edges: tuple[float, ...]
    windows: tuple[int, ...]
    differ: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {
            "edges": list(self.edges),
            "windows": list(self.windows),
            "differ": list(self.differ),
        }


@dataclass(frozen=True)
class Points:
    """Margins of both networks for the float network's class, of windows near the decision.

    The integer network's is negative, or 0 in a tie, where that class is not its answer.

    Parameters
    ----------
    differ
        How many of them, the first ones, the networks judge differently.
    exact, fixed
        The float and the integer network's.
    """

    differ: int
    exact: tuple[float, ...]
    fixed: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {"differ": self.differ, "float": list(self.exact), "fixed": list(self.fixed)}


@dataclass(frozen=True)
class Disagreements:
    """Two networks' answers and margins beside each other.

    Parameters
    ----------
    count, of
        How many windows differ, of how many.
    float_right, fixed_right
        How many of those that differ each network is right about; None without labels.
    error_95
        What the margin's error exceeds in 5 % of the windows.
    histogram, points
        Of the margins.
    rows
        Those of the largest float margin, first of all.
    """

    count: int
    of: int
    float_right: int | None
    fixed_right: int | None
    error_95: float
    histogram: Histogram
    points: Points
    rows: tuple[Disagreement, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {
            "count": self.count,
            "of": self.of,
            "float_right": self.float_right,
            "fixed_right": self.fixed_right,
            "error_95": self.error_95,
            "histogram": self.histogram.to_json(),
            "points": self.points.to_json(),
            "rows": [row.to_json() for row in self.rows],
        }


def disagreements(
    float_logits: Floats,
    fixed_logits: Floats,
    classes: Sequence[str],
    labels: Integers | None,
    places: Sequence[tuple[str, int]] | None = None,
) -> Disagreements:
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
    """
    exact, fixed = (np.argmax(logits, axis=1) for logits in (float_logits, fixed_logits))
    margins, fixed_margins = gaps(float_logits), gaps(fixed_logits)
    differ = exact != fixed
    found = np.flatnonzero(differ)
    found = found[np.argsort(-margins[found], kind="stable")]
    same_class = leads(fixed_logits, exact)
    rows = tuple(
        Disagreement(
            int(index),
            None if places is None else (places[index][0], int(places[index][1])),
            None if labels is None else classes[labels[index]],
            (classes[exact[index]], classes[fixed[index]]),
            (_rounded(margins[index]), _rounded(fixed_margins[index])),
        )
        for index in found[:_ROWS]
    )
    return Disagreements(
        count=len(found),
        of=len(float_logits),
        float_right=None if labels is None else int((exact == labels)[found].sum()),
        fixed_right=None if labels is None else int((fixed == labels)[found].sum()),
        error_95=_rounded(np.percentile(np.abs(same_class - margins), 95)),
        histogram=_histogram(margins, differ),
        points=_points(margins, same_class, found),
        rows=rows,
    )


def _histogram(margins: Floats, differ: npt.NDArray[np.bool_]) -> Histogram:
    """Count all windows, and those that differ, in equal bins of the float margin."""
    top = float(margins.max())
    edges = np.linspace(0, top if top > _NOTHING else 1.0, _BINS + 1)
    return Histogram(
        tuple(_rounded(edge) for edge in edges),
        tuple(np.histogram(margins, edges)[0].tolist()),
        tuple(np.histogram(margins[differ], edges)[0].tolist()),
    )


def _points(margins: Floats, same_class: Floats, found: Integers) -> Points:
    """Return both margins of windows near the decision, disagreements first."""
    half = _POINTS // 2
    shown = found[spread(len(found), half)]
    agree = np.setdiff1d(np.arange(len(margins)), found)
    agree = agree[np.argsort(margins[agree], kind="stable")]
    # As far up as disagreements go, for what else is there; or else the least sure ones.
    reach = _BEYOND * margins[found].max() if len(found) else 0.0
    near = agree[: max(half, int(np.searchsorted(margins[agree], reach)))]
    chosen = np.concatenate([shown, near[spread(len(near), _POINTS - len(shown))]])
    return Points(
        len(shown),
        tuple(_rounded(value) for value in margins[chosen]),
        tuple(_rounded(value) for value in same_class[chosen]),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
