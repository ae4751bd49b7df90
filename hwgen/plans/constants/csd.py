"""Canonical signed digits: the fewest digits -1, 0, 1 that a number can be written with."""

from __future__ import annotations


def digits(value: int) -> tuple[tuple[int, int], ...]:
    """Return (position, digit) of every digit that is not zero, the lowest first.

    No two of them are neighbours, and no other signed binary form has fewer (Reitwiesner, 1960).
    """
    found = []
    position = 0
    while value:
        if value & 1:
            digit = 2 - (value & 3)
            found.append((position, digit))
            value -= digit
        value >>= 1
        position += 1
    return tuple(found)
