"""Magnitude approximations without multiplier or square root.

With ``a = max(|re|, |im|)`` and ``b = min(|re|, |im|)`` each is the largest of a few
``(alpha * a + beta * b) / 8``: "alpha max plus beta min" (Lyons, Understanding Digital Signal
Processing, 3rd ed., 13.2).
"""

from __future__ import annotations

import numpy as np

MAGNITUDES: dict[str, tuple[tuple[int, int], ...]] = {
    "max-7/8-1/2": ((8, 0), (7, 4)),
    "max-1/4": ((8, 2),),
    "max-3/8": ((8, 3),),
    "max-1/2": ((8, 4),),
}
"""Pairs (alpha, beta) in eighths, by name."""

EIGHTHS = 3
"""The integer result carries this many extra fraction bits, so that nothing is dropped."""


def mean_gain(method: str) -> float:
    """Return the mean of approximation / magnitude over all angles (it folds into the scale)."""
    angle = (np.arange(4096) + 0.5) * (np.pi / 4 / 4096)
    a, b = np.cos(angle), np.sin(angle)
    pairs = MAGNITUDES[method]
    return float(np.max([(alpha * a + beta * b) / 8 for alpha, beta in pairs], axis=0).mean())
