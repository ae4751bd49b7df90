"""Which weights stand in one word: those of consecutive rows at the same tap.

So an array whose lanes are outputs gets a word for all of them a cycle.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", np.float64, np.int64)


def groups(shape: tuple[int, int], group: int) -> int:
    """Return how many words of `group` weights a matrix has."""
    return -(-shape[0] // group) * shape[1]


def grouped(matrix: npt.NDArray[Number], group: int) -> npt.NDArray[Number]:
    """Return a matrix ``(rows, taps)`` as ``(words, group)``; zeros stand for rows beyond the last.

    Words are in order of their rows, then of their taps.
    """
    rows, taps = matrix.shape
    full = np.zeros((-(-rows // group) * group, taps), dtype=matrix.dtype)
    full[:rows] = matrix
    return full.reshape(-1, group, taps).transpose(0, 2, 1).reshape(-1, group)


def ungrouped(points: npt.NDArray[Number], shape: tuple[int, int]) -> npt.NDArray[Number]:
    """Return the matrix that `grouped` took apart."""
    rows, taps = shape
    group = points.shape[1]
    full = points.reshape(-1, taps, group).transpose(0, 2, 1).reshape(-1, taps)
    return np.ascontiguousarray(full[:rows])
