"""Each window by its own mean and spread: what a training did to windows one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape

_NOTHING = 1e-12
"""A spread below this share of the largest value is that of rounding: there is none."""


def _score(x: Floats) -> Floats:
    return _over(x - x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True), x)


def _largest(x: Floats) -> Floats:
    return _over(x, np.abs(x).max(axis=-1, keepdims=True), x)


def _between(x: Floats) -> Floats:
    low, high = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    return _over(x - low, high - low, x)


def _both_ways(x: Floats) -> Floats:
    low, high = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    return _over((x - low) + (x - high), high - low, x)


def _over(x: Floats, spread: Floats, window: Floats) -> Floats:
    """Return ``x / spread``; zeros where there is no spread."""
    there = spread > _NOTHING * np.abs(window).max(axis=-1, keepdims=True)
    divided: Floats = np.where(there, x / np.where(there, spread, 1.0), 0.0)
    return divided


METHODS: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda x: x - x.mean(axis=-1, keepdims=True),
    "z-score": _score,
    "max-abs": _largest,
    "min-max": _between,
    "min-max-signed": _both_ways,
}
"""What is done to each channel of a window ``(..., samples)``, by name."""

IN_WORDS = {
    "mean": "every window without its mean",
    "z-score": "every window by its own z-score",
    "max-abs": "every window by its own largest value",
    "min-max": "every window from its least to its largest value, as 0 to 1",
    "min-max-signed": "every window from its least to its largest value, as -1 to 1",
}


@dataclass(frozen=True)
class Normalise(Layer):
    """The samples, each channel of each window normalised by itself.

    ``mean`` takes the mean away; ``z-score`` then divides by the standard deviation (of all
    samples, not of all but one); ``max-abs`` divides by the largest absolute value; ``min-max``
    maps the least value to 0 and the largest to 1, ``min-max-signed`` to -1 and 1. Where all
    samples are equal there is nothing to divide by: all is 0.

    Parameters
    ----------
    method
        One of `METHODS`.
    """

    op: ClassVar[str] = "normalise"
    method: str

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(
                f"{self.name} method must be one of {', '.join(METHODS)}, not {self.method!r}"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(1, samples)`` for ``(samples,)``; ``(channels, samples)`` stays."""
        if len(shape) not in (1, 2) or shape[-1] < 2:
            raise InputError(
                f"{self.name} takes (samples,) or (channels, samples) of at least 2 samples, "
                f"not {shape}"
            )
        return shape if len(shape) == 2 else (1, *shape)

    def apply(self, x: Floats) -> Floats:
        """Return ``(n, channels, samples)``."""
        return METHODS[self.method](x if x.ndim == 3 else x[:, None])


LAYER = Normalise
