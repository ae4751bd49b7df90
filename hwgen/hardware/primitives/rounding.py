"""Fewer bits of a number, as `hwgen.fixedpoint` has it: expressions, without registers."""

from __future__ import annotations

from amaranth.hdl import Mux

from hwgen.fixedpoint import Format


def divided(value, shift: int, *, even: bool = False):
    """Return a signed value divided by ``2**shift``, halves up or to the even integer."""
    half = (1 << shift) >> 1
    if even and half:
        # A half becomes whole by one less where the integer below it is even.
        half = value[min(shift, len(value) - 1)] + (half - 1)
    return (value + half) >> shift


def saturated(value, fmt: Format):
    """Return a value within the ends of a format."""
    return Mux(value < fmt.min, fmt.min, Mux(value > fmt.max, fmt.max, value))
