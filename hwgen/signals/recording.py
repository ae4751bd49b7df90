"""One recording: samples of one sensor under one condition of the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.signals.store import Samples, Stored

_RATE_TOLERANCE = 1e-4
"""Relative; time stamps in text files are rounded, so their rate is not exact."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Samples with their class.

    Parameters
    ----------
    label
        Name of the class.
    samples
        (n,) float64, in g, or in the unit of the file; n >= 1. Long ones may be in a file.
    sample_rate
        Hz, or None where it is not known.
    source
        Where it comes from: the file's name; used in messages.
    channel
        What was taken of the file: name of the variable or column; "" where there is no file.
    channels
        Of how many signals in the file that one was taken.
    rate_origin
        Who states the sample rate, such as ``"fs"`` or ``"--sample-rate"``; None where nobody
        does, and `sample_rate` is None or assumed.
    unit
        Of `samples`: ``"g"``, ``"of full scale"`` where a file has shares of it, or ``"counts"``.
    notices
        What the user must know of it: what was assumed, what looks wrong.

    Raises
    ------
    TypeError
        `samples` is not an array of float64.
    ValueError
        `samples` is not 1-D or is empty, or `sample_rate` is not above 0.
    """

    label: str
    samples: Samples
    sample_rate: float | None
    source: str
    channel: str = ""
    channels: int = 1
    rate_origin: str | None = None
    unit: str = "g"
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.samples, np.ndarray | Stored) or self.samples.dtype != np.float64:
            kind = getattr(self.samples, "dtype", type(self.samples).__name__)
            raise TypeError(f"samples must be a NumPy array of float64, not {kind}")
        if self.samples.ndim != 1 or self.samples.size == 0:
            shape = self.samples.shape
            raise ValueError(f"samples must be 1-D and non-empty, not of shape {shape}")
        if self.sample_rate is not None and not is_rate(self.sample_rate):
            raise ValueError(f"sample_rate must be above 0 Hz, not {self.sample_rate}")

    @property
    def seconds(self) -> float | None:
        """How long it is; None where the sample rate is not known."""
        return None if self.sample_rate is None else self.samples.size / self.sample_rate


def is_rate(hertz: float) -> bool:
    """Return whether `hertz` can be a sample rate: above 0 and finite."""
    return math.isfinite(hertz) and hertz > 0


def same_rate(a: float, b: float) -> bool:
    """Return whether two sample rates in Hz are the same but for rounding (1e-4)."""
    return math.isclose(a, b, rel_tol=_RATE_TOLERANCE)
