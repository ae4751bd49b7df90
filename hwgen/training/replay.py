"""Windows as another speed of the shaft would give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen.training.pieces import Indices, Pieces, Samples
from hwgen.training.speed import Speeds

_MARGIN = 32
"""Samples on either side that are read and thrown away: a Fourier series rings at its ends."""

_GROUPS = 8
"""Of windows that have one speed: what is read at one length is resampled at once."""


def played(
    pieces: Pieces, labels: Indices, rng: np.random.Generator, speeds: Speeds
) -> tuple[Samples, Samples]:
    """Return a random window of each of the classes `labels`, as `Pieces.random` does.

    There are up to eight speeds, each for a run of windows one behind the other.
    """
    if not speeds.any:
        return pieces.random(labels, rng)
    parts = []
    for group in np.array_split(labels, min(_GROUPS, len(labels))):
        span = Span.of(pieces.window, speeds.draw(rng), pieces.shortest)
        x, power = pieces.random(group, rng, span.read)
        parts.append((replayed(x, pieces.window, span), power))
    return np.concatenate([x for x, _ in parts]), np.concatenate([power for _, power in parts])


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
