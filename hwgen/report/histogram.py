"""How often each integer value occurs, in bins that a report can hold."""

from __future__ import annotations

from typing import Any

import numpy as np


def histogram(values: np.ndarray, bins: int = 64) -> dict[str, Any]:
    """Count integers in equal bins.

    Every bin holds the same number of integers, so that none looks fuller for being wider.

    Parameters
    ----------
    values
        Integers, any shape, not empty.
    bins
        At most so many.

    Returns
    -------
    ``edges`` (one more than bins; a bin holds its lower edge, not its upper) and ``counts``.

    Raises
    ------
    TypeError
        If the values are not integers.
    ValueError
        If there are none, or no bins.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "iu":
        raise TypeError(f"values must be integers, not {values.dtype}")
    if values.size == 0:
        raise ValueError("values must be at least one, not none")
    if bins < 1:
        raise ValueError(f"bins must be >= 1, not {bins}")
    low, high = int(values.min()), int(values.max())
    width = (high - low) // bins + 1
    used = (high - low) // width + 1
    # Unsigned: the distance of two 64-bit numbers does not fit a signed one.
    distance = values.astype(np.uint64).ravel() - np.uint64(low % 2**64)
    counts = np.bincount((distance // np.uint64(width)).astype(np.int64), minlength=used)
    return {
        "edges": [low + width * index for index in range(used + 1)],
        "counts": [int(count) for count in counts],
    }
