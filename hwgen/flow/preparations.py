"""How windows may have been prepared in training: no file says it, so the usual ways are tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.network import Floats

_SAFE = np.finfo(np.float64).tiny
"""What a window of one value all through is divided by."""


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to windows before the network.

    Parameters
    ----------
    what
        In words; empty for what is done now.
    how
        Options that make it so; None where there are none.
    apply
        To windows ``(n, [channels,] samples)``.
    """

    kind: ClassVar[str] = "scale of the input"
    what: str
    how: str | None
    apply: Callable[[Floats], Floats]


def scaled(factor: float, what: str) -> Preparation:
    """Return the multiplication of all windows by one factor."""
    return Preparation(what, f"--input-scale {factor:.6g}", lambda x: x * factor)


def per_window() -> Iterator[Preparation]:
    """Yield what is measured on each window, and each channel of it, by itself."""
    for what, apply in (
        ("every window by its own z-score", _z_score),
        ("every window by its own largest value", _largest),
        ("every window from its least to its largest value, as 0 to 1", _min_max),
        ("every window without its mean", lambda x: x - x.mean(axis=-1, keepdims=True)),
    ):
        yield Preparation(what, None, apply)


def usual(scale: float) -> list[Preparation]:
    """Return the usual ways: as recorded, by one scale for all, and by each window's own."""
    return [
        scaled(1.0, "as recorded (g)"),
        scaled(scale, "by one scale for all windows"),
        *per_window(),
    ]


def every(scale: float, window: int) -> Iterator[Preparation]:
    """Yield the multiplication that is done now, then other preparations of windows."""
    yield Preparation("", None, lambda x: x * scale)
    factors = {1.0: "the sensor's g as they are", 9.80665: "m/s2"}
    factors |= {
        scale * window: f"a spectrum that is not divided by {window}",
        scale * window / 2: f"a spectrum divided by 2, not {window}",
        scale * math.sqrt(window): f"a spectrum divided by the root of {window}",
        float(window): f"g, and a spectrum that is not divided by {window}",
        float(window) / 2: f"g, and a spectrum divided by 2, not {window}",
    }
    factors |= {
        scale * 10.0**power: f"an input times {10.0**power:g}"
        for power in (-1, 1, -2, 2, -3, 3, 4)
    }  # fmt: skip
    yield from (scaled(factor, what) for factor, what in factors.items())
    yield from per_window()


def _z_score(x: Floats) -> Floats:
    spread = np.std(x, axis=-1, keepdims=True)
    scored: Floats = (x - x.mean(axis=-1, keepdims=True)) / np.maximum(spread, _SAFE)
    return scored


def _largest(x: Floats) -> Floats:
    peaks = np.abs(x).max(axis=-1, keepdims=True)
    divided: Floats = x / np.maximum(peaks, _SAFE)
    return divided


def _min_max(x: Floats) -> Floats:
    low, high = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    between: Floats = (x - low) / np.maximum(high - low, _SAFE)
    return between
