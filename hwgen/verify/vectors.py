"""Stimulus: corner windows, and windows as memory files."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers


def corner_windows(samples: int, adc_bits: int) -> Integers:
    """Return windows of ADC steps that strain the arithmetic, ``(n, samples)``.

    Zeros, full-scale square waves, alternating extremes, both DC extremes, an impulse of either
    sign, a full-scale tone in the middle of the spectrum.
    """
    low, high = -(1 << (adc_bits - 1)), (1 << (adc_bits - 1)) - 1
    n = np.arange(samples)
    tone = np.clip(np.round(high * np.sin(2 * np.pi * (samples // 5) * n / samples)), low, high)
    rows = [
        np.zeros(samples),
        np.where(n // max(1, samples // 8) % 2, low, high),
        np.where(n // 2 % 2, low, high),
        np.where(n % 2, low, high),
        np.full(samples, high),
        np.full(samples, low),
        np.where(n == samples // 3, high, 0),
        np.where(n == samples - 1, low, 0),
        tone,
    ]
    return np.stack(rows).astype(np.int64)


def spread(windows: Integers, count: int) -> Integers:
    """Return `count` windows, evenly spread; all if there are no more."""
    count = min(count, len(windows))
    return windows[np.linspace(0, len(windows) - 1, count).astype(np.int64)]


def memory_file(samples: Integers, adc_bits: int) -> str:
    """Return samples as ``$readmemh`` reads them, a sample a line."""
    digits = -(-adc_bits // 4)
    mask = (1 << adc_bits) - 1
    return "\n".join(f"{int(value) & mask:0{digits}x}" for value in samples.ravel()) + "\n"
