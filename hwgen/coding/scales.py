"""The real value of one of a row's integers, in 16 bits: the upper half of a float32.

8 bits of precision are enough: integers are fitted to the scale that is stored.
"""

from __future__ import annotations

import numpy as np

from hwgen.coding.matrix import Floats
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

BITS = 16
_INFINITE = 0x7F80


def to_bits(scales: Floats) -> Integers:
    """Return the nearest stored form of scales of 0 or more; the largest of those beyond it."""
    found = np.clip(scales, 0.0, 3.3e38).astype(np.float32).view(np.uint32).astype(np.int64)
    return (found + 0x7FFF + ((found >> 16) & 1)) >> 16


def from_bits(bits: Integers) -> Floats:
    """Return what stored scales are."""
    return (np.asarray(bits).astype(np.uint32) << np.uint32(16)).view(np.float32).astype(np.float64)


def check(bits: Integers, rows: int) -> None:
    """Raise `InputError` unless there is one finite scale, or one a row."""
    if bits.shape not in ((1,), (rows,)):
        raise InputError(f"scales must be 1 or {rows}, one a row, not {bits.shape}")
    if bits.size and (bits.min() < 0 or bits.max() >= _INFINITE):
        raise InputError("scales must be finite and not negative")


def fitted(weights: Floats, integers: Integers, *, rows: bool) -> Integers:
    """Return the scales with which integers are nearest to weights ``(rows, taps)``.

    Parameters
    ----------
    rows
        Whether each row has one.
    """
    axis = 1 if rows else None
    product = np.atleast_1d((weights * integers).sum(axis=axis))
    square = np.atleast_1d((integers.astype(np.float64) ** 2).sum(axis=axis))
    # Integers that point the other way are better not there: 0.
    return to_bits(np.maximum(product, 0.0) / np.maximum(square, 1.0))
