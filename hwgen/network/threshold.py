"""Above which score a window is an anomaly, from scores of healthy windows alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.errors import UsageError
from hwgen.network.grid import Floats

QUANTILES = (0.0, 0.5, 0.9, 0.99, 1.0)
"""Of scores, as they are told."""

FALSE_ALARMS = 0.01


@dataclass(frozen=True)
class Rule:
    """How a threshold is chosen.

    Parameters
    ----------
    false_alarms
        Share of held-out healthy windows that are to be above it.
    contamination
        Instead: share of the windows that the network was trained on, as published (Y. Zhao et
        al., PyOD, JMLR 2019): what of them is taken for faulty.

    Raises
    ------
    UsageError
        If both are given, or a share is none.
    """

    false_alarms: float | None = None
    contamination: float | None = None

    def __post_init__(self) -> None:
        if self.false_alarms is not None and self.contamination is not None:
            raise UsageError("--false-alarms must come without --contamination; leave one out")
        for name in ("false_alarms", "contamination"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                option = name.replace("_", "-")
                raise UsageError(f"--{option} must be a share from 0 to below 1, not {value:g}")

    @property
    def share(self) -> float:
        """Of windows above the threshold."""
        if self.contamination is not None:
            return self.contamination
        return FALSE_ALARMS if self.false_alarms is None else self.false_alarms

    @property
    def stated(self) -> float | None:
        """What is said of held-out windows beside the threshold; None where it is not of them."""
        return None if self.contamination is not None else self.share

    def threshold(self, trained: Floats, held: Floats) -> float:
        """Return the threshold.

        Parameters
        ----------
        trained, held
            ``(n,)`` scores of healthy windows that were trained on, and of those that were not.
        """
        scores = held if self.contamination is None else trained
        # The next higher score: at most the share is above it.
        return float(np.quantile(scores, 1 - self.share, method="higher"))

    def needed(self) -> int:
        """Return how many windows it takes for one to be above."""
        return math.ceil(1 / self.share) if self.share else 1


def distribution(scores: Floats) -> str:
    """Return quantiles of scores in words."""
    names = ("least", "median", "90 %", "99 %", "largest")
    values = np.quantile(scores, QUANTILES)
    return ", ".join(f"{name} {value:.4g}" for name, value in zip(names, values, strict=True))
