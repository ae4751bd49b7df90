"""Kinds of noise, all of them of variance 1: white, pink, Laplacian."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float64]

PINK = (
    (0.049922035, -0.095993537, 0.050612699, -0.004408786),
    (
        1.0,
        -2.494956002,
        2.017265875,
        -0.522189400,
    ),
)
"""Filter of white noise to pink, numerator and denominator: within half a dB of 1 / f from a
thousandth of the rate to four tenths of it, flat below (J. O. Smith, Spectral Audio Signal
Processing, 2011)."""
_SETTLED = 1 << 14
"""Samples after which nothing is left of where the filter began."""


class Draw(Protocol):
    """Draws noise of one recording, from its beginning on."""

    def __call__(self, shape: tuple[int, ...]) -> Samples:
        """Return the next samples, ``(n,)`` or ``(n, channels)``, of variance 1."""


class _Pink:
    """White noise through a filter that is well under way; pieces are those of one draw."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._state: Samples | None = None

    def __call__(self, shape: tuple[int, ...]) -> Samples:
        if self._state is None:
            order = len(PINK[1]) - 1
            self._state = np.zeros((order, *shape[1:]))
            self._filtered((_SETTLED, *shape[1:]))
        return self._filtered(shape) / pink_deviation()

    def _filtered(self, shape: tuple[int, ...]) -> Samples:
        found: tuple[Samples, Samples] = signal.lfilter(
            *PINK, self._rng.standard_normal(shape), axis=0, zi=self._state
        )
        self._state = found[1]
        return found[0]


@cache
def pink_deviation() -> float:
    """Return the standard deviation of what the filter makes of white noise of variance 1."""
    impulse = np.zeros(_SETTLED)
    impulse[0] = 1.0
    return float(np.sqrt(np.sum(signal.lfilter(*PINK, impulse) ** 2)))


def _white(rng: np.random.Generator) -> Draw:
    return lambda shape: np.asarray(rng.standard_normal(shape))


def _laplace(rng: np.random.Generator) -> Draw:
    scale = np.sqrt(0.5)
    return lambda shape: np.asarray(rng.laplace(0.0, scale, shape))


WHITE = "white"

KINDS: dict[str, Callable[[np.random.Generator], Draw]] = {
    WHITE: _white,
    "pink": _Pink,
    "laplace": _laplace,
}
"""By name: Gaussian of a flat spectrum; Gaussian of 1 / f; of a flat spectrum with heavy tails."""
