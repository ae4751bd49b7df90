"""One recording: samples of one sensor or several under one condition of the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hwgen.signals.store import Samples, Stored, columns

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
        (n,) float64, in g, or in the unit of the file; n >= 1; of several channels, taken at the
        same times, (n, channels >= 2). Long ones may be in a file.
    sample_rate
        Hz, or None where it is not known.
    source
        Where it comes from: the file's name; used in messages.
    channel
        What was taken of the file: name of the variable or column, or names with commas between;
        "" where there is no file.
    channels_of
        Of how many signals in the file that was taken.
    rate_origin
        Who states the sample rate, such as ``"fs"`` or ``"--sample-rate"``; None where nobody
        does, and `sample_rate` is None or assumed.
    unit
        Of `samples`: ``"g"``, ``"of full scale"`` where a file has shares of it, or ``"counts"``.
    notices
        What the user must know of it: what was assumed, what looks wrong.
    rpm
        Speed of the shaft in revolutions a minute, as the file states it; None where it does not.

    Raises
    ------
    TypeError
        `samples` is not an array of float64.
    ValueError
        `samples` has no such shape or is empty, or `sample_rate` is not above 0.
    """

    label: str
    samples: Samples
    sample_rate: float | None
    source: str
    channel: str = ""
    channels_of: int = 1
    rate_origin: str | None = None
    unit: str = "g"
    notices: tuple[str, ...] = ()
    rpm: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.samples, np.ndarray | Stored) or self.samples.dtype != np.float64:
            kind = getattr(self.samples, "dtype", type(self.samples).__name__)
            raise TypeError(f"samples must be a NumPy array of float64, not {kind}")
        shape = self.samples.shape
        if len(shape) not in (1, 2) or shape[0] == 0 or (len(shape) == 2 and shape[1] < 2):
            raise ValueError(
                f"samples must be non-empty, (n,) or (n, channels >= 2), not of shape {shape}"
            )
        if self.sample_rate is not None and not is_rate(self.sample_rate):
            raise ValueError(f"sample_rate must be above 0 Hz, not {self.sample_rate}")

    @property
    def channels(self) -> int:
        """How many there are in `samples`."""
        return 1 if self.samples.ndim == 1 else self.samples.shape[1]

    @property
    def seconds(self) -> float | None:
        """How long it is; None where the sample rate is not known."""
        return None if self.sample_rate is None else len(self.samples) / self.sample_rate

    def alone(self) -> tuple[Recording, ...]:
        """Return each channel as a recording of its own, named in its source; one as it is."""
        if self.channels == 1:
            return (self,)
        names = self.channel.split(", ")
        if len(names) != self.channels:
            names = [str(number) for number in range(1, self.channels + 1)]
        return tuple(
            replace(self, samples=samples, channel=name, source=f"{self.source} ({name})")
            for name, samples in zip(names, columns(self.samples), strict=True)
        )


def is_rate(hertz: float) -> bool:
    """Return whether `hertz` can be a sample rate: above 0 and finite."""
    return math.isfinite(hertz) and hertz > 0


def same_rate(a: float, b: float) -> bool:
    """Return whether two sample rates in Hz are the same but for rounding (1e-4)."""
    return math.isclose(a, b, rel_tol=_RATE_TOLERANCE)
