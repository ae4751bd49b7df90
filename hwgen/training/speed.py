"""Windows as another speed of the shaft would give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_MARGIN = 32
"""Samples on either side that are read and thrown away: a Fourier series rings at its ends."""


@dataclass(frozen=True)
class Speeds:
    """Changes of speed, as shares: -0.04 is 4 % slower.

    Everything in the signal moves with them, the resonances too, which on a machine stay where
    they are.

    Parameters
    ----------
    low, high
        Between them changes are equally likely; above -0.5, below 1.
    steady
        Share of the windows whose speed is left as it is, 0..1.

    Raises
    ------
    ValueError
        If they are not in order, or out of range.
    """

    low: float = 0.0
    high: float = 0.0
    steady: float = 0.0

    def __post_init__(self) -> None:
        if not -0.5 < self.low <= self.high < 1:
            raise ValueError(
                f"low and high must be ascending, from -0.5 to 1, not {self.low}, {self.high}"
            )
        if not 0 <= self.steady <= 1:
            raise ValueError(f"steady must be in 0..1, not {self.steady}")

    @property
    def any(self) -> bool:
        """Whether any speed changes."""
        return self.low != self.high and self.steady < 1

    def draw(self, rng: np.random.Generator) -> float:
        """Return a change of speed."""
        change = float(rng.uniform(self.low, self.high))
        return 0.0 if rng.random() < self.steady else change


STEADY = Speeds()
"""The recordings' own."""


@dataclass(frozen=True)
class Span:
    """How many samples are read for a window at another speed.

    Parameters
    ----------
    read
        Samples, margins included.
    made
        That they become, the window in the middle.
    """

    read: int
    made: int

    @classmethod
    def of(cls, window: int, change: float, shortest: int) -> Span:
        """Return what is read for `window` samples; from recordings of `shortest` at least.

        Where recordings are hardly longer than a window, there are no margins, and speeds that
        need more samples are not reached.
        """
        for made in (window + 2 * _MARGIN, window):
            read = round(made * (1 + change))
            if max(read, made) <= shortest:
                return cls(read, made)
        return cls(min(read, shortest), window)


def replayed(x: Samples, window: int, span: Span) -> Samples:
    """Return windows in whose place others were read: a line at f is at f read / made.

    By the Fourier series of each span, whose upper end is cut off, or missing, where the number
    of samples changes.

    Parameters
    ----------
    x
        ``(n, read)``, or ``(n, channels, read)``.

    Returns
    -------
    ``(n, window)``, or ``(n, channels, window)``, of the same power.
    """
    margin = (span.made - window) // 2
    if span.read != span.made:
        bins = np.fft.rfft(x)[..., : span.made // 2 + 1]
        x = (np.fft.irfft(bins, span.made) * (span.made / span.read)).astype(np.float32)
    return x[..., margin : margin + window]
