"""Which windows a package's test bench runs: few, since other simulators are slow."""

from __future__ import annotations

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.quantized import QuantizedModel
from hwgen.verify.vectors import corner_windows

_CORNERS = 6


def bench_windows(model: QuantizedModel, windows: Integers, count: int = 16) -> Integers:
    """Return `count` windows: some corners, then ones spread evenly over `windows`.

    Parameters
    ----------
    model
        Says how long a window is, and how wide a sample.
    windows
        ADC steps, ``(n, input_samples)``, in any order that keeps a class's windows together.
    count
        How many to return; fewer come back when there are not as many.

    Raises
    ------
    InputError
        If `windows` has another shape.
    """
    windows = np.asarray(windows, dtype=np.int64)
    if windows.ndim != 2 or windows.shape[1] != model.elements:
        raise InputError(f"windows must be (n, {model.elements}), not {windows.shape}")
    corners = corner_windows(model.elements, model.bits.adc)
    corners = corners[spread(len(corners), min(_CORNERS, max(1, count // 2)))]
    chosen = windows[spread(len(windows), count - len(corners))]
    return np.concatenate([corners, chosen])


def spread(available: int, wanted: int) -> Integers:
    """Return up to `wanted` indices from 0 to ``available - 1``, evenly spread."""
    count = max(0, min(available, wanted))
    return (np.arange(count) * available) // max(1, count)
