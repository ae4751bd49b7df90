"""Weights as codes take them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError

Floats = npt.NDArray[np.float64]


def checked(weights: npt.ArrayLike) -> Floats:
    """Return weights ``(rows, taps)``, floats or integers, as floats.

    Raises
    ------
    InputError
        If it is no matrix of at least one number, or one is not finite.
    """
    matrix = np.asarray(weights, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0:
        raise InputError(f"weights must be a matrix (rows, taps), not of shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise InputError("weights must be finite, but some are NaN or infinite")
    return matrix


def error(weights: Floats, others: Floats) -> float:
    """Return the RMS of what `others` are wrong by, relative to that of the weights."""
    size = float(np.linalg.norm(weights))
    wrong = float(np.linalg.norm(weights - others))
    return wrong / size if size else float(wrong > 0)
