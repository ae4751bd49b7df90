"""How wide the sums are that a layer multiplies with each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.calibration import shift as shifts
from hwgen.fixedpoint import Format, Integers
from hwgen.golden.requantize import requantize

WORTH = 0.01
"""Of the mean squared error of the product's own rounding: less is not worth a bit of a factor."""


def factored(op: Any, sums: Integers, method: str) -> Any:
    """Return the op with factors of as many bits as their product has a use for.

    Parameters
    ----------
    op
        With the widest factors.
    sums
        ``(n, 2 filters, positions)``, exact.
    method
        A key of `hwgen.calibration.shift.METHODS`.
    """
    exact = _products(sums.astype(np.float64))
    widest = op.factor.width
    best, products = _tried(op, sums, widest, method)
    least = _error(products, exact)
    shift = 2 * best.down + shifts.choose(method, _products(_rounded(best, sums)), op.out)
    bound = least + WORTH * 4.0**shift / 12
    for width in range(op.out.width, widest):
        narrow, products = _tried(op, sums, width, method)
        if _error(products, exact) <= bound:
            return narrow
    return best


def _tried(op: Any, sums: Integers, width: int, method: str) -> tuple[Any, Any]:
    """Return the op with factors of some bits, and its products in units of those of sums."""
    factor = Format.of_width(width, signed=True, frac_bits=0)
    made = op.eased(shifts.choose(method, sums, factor), factor)
    return made, _products(_rounded(made, sums)) * 4.0**made.down


def _rounded(op: Any, sums: Integers) -> Integers:
    return requantize(sums, op.down, op.factor)


def _products(factors: Any) -> Any:
    one, other = np.split(factors, 2, axis=1)
    return one * other


def _error(found: Any, exact: Any) -> float:
    return float(np.mean((found - exact) ** 2))
