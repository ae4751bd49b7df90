"""Products of many integers, by the arithmetic of floats where that is exact."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.fixedpoint import Integers


def products(op: Any, columns: Integers, rows: Integers) -> Integers:
    """Return ``columns @ rows.T`` of an op: inputs within its format, and weights of its own.

    Raises
    ------
    OverflowError
        If a sum of the op may be too wide to be exact here.
    """
    # Exact: every product and sum is an integer far below 2**53, in whatever order.
    if np.abs(np.array(op.accumulator)).max() >= 1 << 52:
        raise OverflowError(f"{op.name} accumulator {op.accumulator} is too wide to check")
    sums: Integers = (columns.astype(np.float64) @ rows.T.astype(np.float64)).astype(np.int64)
    return sums
