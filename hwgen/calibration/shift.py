"""Chooses how many bits an accumulator loses at its one rounding, from data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwgen.errors import UsageError
from hwgen.fixedpoint import Format, Integers, saturate, shift_half_up

PERCENTILE = 99.99
_MAX_SHIFT = 40


def by_max(values: Integers, fmt: Format) -> int:
    """Return the least shift at which no value saturates."""
    shift = 0
    while shift < _MAX_SHIFT and (
        shift_half_up(values.max(), shift) > fmt.max or shift_half_up(values.min(), shift) < fmt.min
    ):
        shift += 1
    return shift


def by_percentile(values: Integers, fmt: Format) -> int:
    """Return the least shift at which the 99.99 percentile of each side does not saturate."""
    ends = np.percentile(values, [100 - PERCENTILE, PERCENTILE])
    return by_max(np.array([np.ceil(ends[0]), np.floor(ends[1])], dtype=np.int64), fmt)


def by_mse(values: Integers, fmt: Format) -> int:
    """Return the shift with the least mean squared error, saturation and rounding together."""
    largest = by_max(values, fmt)
    flat = values.astype(np.float64)
    errors = {}
    for shift in range(max(0, largest - 6), largest + 1):
        kept = saturate(shift_half_up(values, shift), fmt.min, fmt.max) * 2.0**shift
        errors[shift] = float(np.mean((flat - kept) ** 2))
    return min(errors, key=lambda shift: (errors[shift], shift))


METHODS: dict[str, Callable[[Integers, Format], int]] = {
    "max": by_max,
    "percentile": by_percentile,
    "mse": by_mse,
}


def choose(method: str, values: Integers, fmt: Format) -> int:
    """Return the shift that `method` chooses for accumulators `values` and output `fmt`.

    Values that the output's ReLU removes have no part in the choice.
    """
    if method not in METHODS:
        raise UsageError(f"calibration must be one of {', '.join(METHODS)}, not {method!r}")
    kept = values if fmt.signed else np.maximum(values, 0)
    return METHODS[method](kept, fmt)
