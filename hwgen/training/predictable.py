"""How far features tell each other, and how much noise an autoencoder of them is to take away."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats

_FOLDS = 5
_RIDGES = (1e-3, 1e-2, 1e-1, 0.3, 1.0)
"""Added to the variance of features of variance 1."""
_LEAST, _MOST = 0.4, 3.0
"""Noise in standard deviations: none would be learnt from, or nothing."""


def unpredictable(z: Floats) -> float:
    """Return the share of a feature's variance that all others do not tell, the mean over features.

    By linear regression with a ridge, of rows that it was not fitted to; the ridge that tells most
    counts. Features that are constant do not. 1: all are independent.

    Parameters
    ----------
    z
        ``(n, features)`` standard scores of healthy rows, at least 10.
    """
    z = z - z.mean(axis=0)
    spread = z.var(axis=0)
    z = z[:, spread > 0] / np.sqrt(spread[spread > 0])
    if z.shape[1] < 2:
        return 1.0
    fold = np.random.default_rng(0).permutation(len(z)) % _FOLDS
    return min(float(_left(z, fold, ridge).mean()) for ridge in _RIDGES)


def _left(z: Floats, fold: np.ndarray, ridge: float) -> Floats:
    """Return the share of each feature's variance that is left, at most 1."""
    total = np.zeros(z.shape[1])
    for number in range(_FOLDS):
        fitted, held = z[fold != number], z[fold == number]
        covariance = fitted.T @ fitted / len(fitted) + ridge * np.eye(z.shape[1])
        inverse = np.linalg.inv(covariance)
        # Row k of the inverse is the regression of feature k on all others, times its error's.
        errors = (held @ inverse) / np.diag(inverse)
        total += np.square(errors).sum(axis=0)
    return np.minimum(total / len(z), 1.0)


def noise(z: Floats) -> float:
    """Return the noise to learn to take away, in standard deviations: unpredictable / predictable.

    Features that tell each other are to be put right by each other, by little noise; of
    independent ones nothing is to be made but their mean, by much.
    """
    share = unpredictable(z)
    return float(np.clip(share / max(1 - share, 1e-9), _LEAST, _MOST))
