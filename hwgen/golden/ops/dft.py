"""Integer meaning of the magnitude spectrum by accumulation."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, shift_half_up
from hwgen.golden.magnitude import Complex, magnitude, rounded
from hwgen.quantized.ops.dft import QuantizedDft

__all__ = ["accumulate", "placed", "rounded", "transform"]

_ENTRIES = 1 << 22
"""Entries of the transform's matrix at a time: bounds the memory that long windows take."""


def transform(op: QuantizedDft, samples: Integers) -> Complex:
    """Return the exact X at the features' bins (of the mirrors of those that go up), in parts.

    The second half wave is the first one negated: of bins k = g, 3 g, 5 g ... (g a power of two)
    samples N / 2g apart only enter as differences, of bins 2 g, 4 g ... only as sums.
    """
    check_range(f"{op.name} input", samples, op.sample.min, op.sample.max)
    # Exact: every product and sum is an integer far below 2**53 (checked here and below).
    if op.sum_width > 53:
        raise OverflowError(f"{op.name} sums of {op.sum_width} bits are too wide to check")
    wave = op.wave.astype(np.float64)
    waves = wave, np.roll(wave, -op.window // 4)
    parts = tuple(np.zeros((len(samples), len(op.bins))) for _ in waves)
    folded = samples.astype(np.float64)
    g = 1
    while g <= op.points:
        early, late = np.split(folded, 2, axis=1)
        places = np.flatnonzero(op.turns % (2 * g) == g)
        for some in np.array_split(places, -(-places.size * early.shape[1] // _ENTRIES) or 1):
            phase = np.outer(np.arange(early.shape[1]), op.turns[some]) & (op.window - 1)
            for part, cosine in zip(parts, waves, strict=True):
                part[:, some] = (early - late) @ cosine[phase]
        folded = early + late
        g *= 2
    for part, cosine in zip(parts, waves, strict=True):
        part[:, op.turns == 0] = folded * cosine[0]
    re, im = (part.astype(np.int64) for part in parts)
    for sums in (re, im):
        check_range(f"{op.name} sums", sums, *op.sum_range)
    return re, im


def accumulate(op: QuantizedDft, x: Integers) -> Integers:
    """Return eight times the magnitudes ``(n, 1, bins)`` of samples ``(n, window)``."""
    re, im = (shift_half_up(part, op.drop) for part in transform(op, x))
    return magnitude(op.magnitude, (re, im))[:, np.newaxis]


def placed(op: QuantizedDft, windows: Integers, first: Integers) -> Integers:
    """Return windows ``(n, window)`` as accumulation along a stream sees them.

    Phases are tied to a sample's place in the stream, so that the sums slide exactly: sample m of
    the stream stands at m modulo the window.

    Parameters
    ----------
    first
        ``(n,)``, place in the stream of each window's first sample.
    """
    back = (np.arange(op.window) - first[:, np.newaxis]) % op.window
    return np.take_along_axis(windows, back, axis=1)
