"""One over a number, and over the root of one, by a table of its leading bits.

A number is shifted left until its highest bit is set (by pairs of bits for a root); the ten bits
behind that bit are the address. Each entry is that of the middle of the numbers that share it, so
the relative error is at most ``2**-11`` for the table and ``2**-16`` for the entry's rounding:
`ERROR`.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers

ADDRESS = 10
"""Bits of an address."""

FRACTION = 16
"""Fraction bits of an entry."""

ERROR = 2.0**-ADDRESS / 2 + 2.0**-FRACTION
"""Largest relative error of an entry."""


def table(*, root: bool) -> Integers:
    """Return the entries, ``(1024,)``: of 1 to 2, or of the roots of 1 to 2 and then of 2 to 4."""
    middle = np.arange(1 << ADDRESS) + 0.5
    half = 1 << (ADDRESS - 1)
    if not root:
        of = 1 + middle / (1 << ADDRESS)
    else:
        of = np.sqrt(np.where(middle < half, 1 + middle / half, 2 * middle / half))
    return np.floor(2.0**FRACTION / of + 0.5).astype(np.int64)


def shifts(width: int, *, root: bool) -> int:
    """Return the most shifts that a number other than zero of so many bits needs."""
    return width // 2 - 1 if root else width - 1


def spare(width: int, *, root: bool) -> int:
    """Return the zeros that are put behind a number too short for an address."""
    return max(0, ADDRESS + (1 if not root else 2) - width)


def normalised(number: Integers, width: int, *, root: bool) -> tuple[Integers, Integers]:
    """Return how often numbers of `width` bits are shifted, and the entry; 0 of 0.

    Parameters
    ----------
    number
        Below ``2**width``; of roots `width` is even, and each shift is by two bits.
    """
    entries = table(root=root)
    step = 2 if root else 1
    value, count = np.array(number, dtype=np.int64), np.zeros(np.shape(number), dtype=np.int64)
    for _ in range(shifts(width, root=root)):
        low = value >> (width - step) == 0
        value, count = np.where(low, value << step, value), count + low
    there = value >> (width - step) != 0
    return count, np.where(there, entries[_address(value, width, root=root)], 0)


def _address(value: Integers, width: int, *, root: bool) -> Integers:
    whole = value << spare(width, root=root)
    width += spare(width, root=root)
    mask = (1 << ADDRESS) - 1
    plain: Integers = (whole >> (width - 1 - ADDRESS)) & mask
    if not root:
        return plain
    # The bits behind the leading one, and which of its two places that has.
    half = mask >> 1
    upper = whole >> (width - 1) != 0
    near = np.where(upper, whole >> (width - ADDRESS), whole >> (width - 1 - ADDRESS)) & half
    return near + np.where(upper, half + 1, 0)
