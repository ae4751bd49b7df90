"""Integer meaning of windows that are normalised by themselves."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, saturate, shift_half_up
from hwgen.golden.requantize import requantize
from hwgen.quantized import reciprocal
from hwgen.quantized.ops.normalise import NUMBER, QuantizedNormalise


def accumulate(op: QuantizedNormalise, x: Integers) -> Integers:
    """Return the exact products ``(n, channels, samples)`` of samples."""
    check_range(f"{op.name} input", x, op.sample.min, op.sample.max)
    windows = x.reshape(len(x), op.channels, op.samples)
    number = shift_half_up(op.factor * windows + centre(op, windows), op.mean_shift)
    check_range(
        f"{op.name} number", number, -(1 << op.plain_width - 1), (1 << op.plain_width - 1) - 1
    )
    if not op.divided:
        return number
    shifts, entry = reciprocal.normalised(spread(op, windows), op.spread_width, root=op.root)
    wide = shift_half_up(number << shifts, op.number_shift)
    most = 1 << (NUMBER - 1)
    return saturate(wide, -most, most - 1) * entry


def rounded(op: QuantizedNormalise, sums: Integers) -> Integers:
    """Return ``(n, channels, samples)`` in the output's format."""
    return requantize(sums, op.shift, op.out)


def centre(op: QuantizedNormalise, windows: Integers) -> Integers:
    """Return what is added to each sample's multiple, ``(n, channels, 1)``."""
    if op.centred:
        return -windows.sum(axis=-1, keepdims=True)
    low, high = windows.min(axis=-1, keepdims=True), windows.max(axis=-1, keepdims=True)
    return {"max-abs": 0 * low, "min-max": -low, "min-max-signed": -low - high}[op.method]


def spread(op: QuantizedNormalise, windows: Integers) -> Integers:
    """Return what is divided by, ``(n, channels, 1)``; its square for a root."""
    if op.root:
        sums = windows.sum(axis=-1, keepdims=True)
        found: Integers = op.samples * (windows**2).sum(axis=-1, keepdims=True) - sums**2
        return found
    if op.method == "max-abs":
        return np.abs(windows).max(axis=-1, keepdims=True)
    return windows.max(axis=-1, keepdims=True) - windows.min(axis=-1, keepdims=True)
