"""How far a value is from what it should be, beside the threshold that an anomaly exceeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, usual


@dataclass(frozen=True)
class Score(Layer):
    """``(threshold, sum of x^2)``: two logits, the second of which is the larger in an anomaly.

    What it reads is the difference of a reconstruction and what was reconstructed
    (`hwgen.network.anomaly.scored`): the sum is their squared Euclidean distance, which orders
    windows as the distance itself does.

    Parameters
    ----------
    threshold
        The largest score that is no anomaly. None: nobody has said it yet, and nothing is one.
    false_alarms
        Share of healthy windows above the threshold that it was chosen for; None: not so chosen.
    """

    op: ClassVar[str] = "score"
    threshold: float | None = None
    false_alarms: float | None = usual(None)

    def __post_init__(self) -> None:
        for field, most in (("threshold", math.inf), ("false_alarms", 1.0)):
            value = getattr(self, field)
            if value is None:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or not 0 <= value <= most:
                raise InputError(f"{self.name} {field} must be from 0 to {most:g}, not {value!r}")

    def output_shape(self, shape: Shape) -> Shape:
        """``any shape -> (2,)``."""
        if not shape:
            raise InputError(f"{self.name} takes a value of one number or more, not {shape}")
        return (2,)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, 2)``: the threshold (infinite where there is none), and the score."""
        scores = np.square(x).reshape(len(x), -1).sum(axis=1)
        threshold = math.inf if self.threshold is None else self.threshold
        return np.stack([np.full(len(x), threshold), scores], axis=1)


LAYER = Score
