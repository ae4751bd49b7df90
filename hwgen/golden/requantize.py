"""The one rounding of a layer: shift half up, saturate."""

from __future__ import annotations

from hwgen.fixedpoint import Format, Integers, saturate, shift_half_up


def requantize(accumulator: Integers, shift: int, out: Format) -> Integers:
    """Return ``saturate(shift_half_up(accumulator, shift))``; an unsigned `out` is the ReLU."""
    return saturate(shift_half_up(accumulator, shift), out.min, out.max)
