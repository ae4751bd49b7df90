"""The one rounding of a layer: shift, halves up or to the even integer, saturate."""

from __future__ import annotations

from hwgen.fixedpoint import Format, Integers, saturate, shift_half_even, shift_half_up


def requantize(accumulator: Integers, shift: int, out: Format, *, even: bool = False) -> Integers:
    """Return ``saturate(shift_half_up(accumulator, shift))``; an unsigned `out` is the ReLU.

    With `even` halves go to the even integer.
    """
    shifted = (shift_half_even if even else shift_half_up)(accumulator, shift)
    return saturate(shifted, out.min, out.max)
