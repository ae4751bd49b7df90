"""How well classes and values agree: confusion matrix, macro F1, AUC, agreement, SQNR."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def confusion(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Count how often each class was taken for each class.

    Parameters
    ----------
    labels, predicted
        (n,) integer class indices in 0..classes-1, n >= 1.
    classes
        Number of classes.

    Returns
    -------
    (classes, classes) counts; the row is the true class, the column the predicted one.

    Raises
    ------
    ValueError
        Empty input, different lengths, not integers, or an index outside 0..classes-1.
    """
    true, guess = _pair(labels, predicted, "labels", "predicted")
    for name, indices in (("labels", true), ("predicted", guess)):
        if indices.dtype.kind not in "iu":
            raise ValueError(f"{name} must be integers, not {indices.dtype}")
        if indices.min() < 0 or indices.max() >= classes:
            raise ValueError(
                f"{name} must be in 0..{classes - 1}, not {indices.min()}..{indices.max()}"
            )
    cells = true.astype(np.int64) * classes + guess.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def macro_f1(labels: ArrayLike, predicted: ArrayLike, classes: int) -> float:
    """Return the mean over classes of F1 = 2 TP / (2 TP + FP + FN), 0..1.

    A class that occurs neither in `labels` nor in `predicted` has no F1 and is left out of the
    mean; one that is only predicted counts as 0. Parameters and errors as for `confusion`.
    """
    counts = confusion(labels, predicted, classes)
    hits = np.diag(counts)
    occurrences = counts.sum(axis=0) + counts.sum(axis=1)  # 2 TP + FP + FN
    present = occurrences > 0
    return float(np.mean(2 * hits[present] / occurrences[present]))


def macro_f1_of_present(labels: ArrayLike, predicted: ArrayLike, classes: int) -> float:
    """Return the mean of F1 over the classes that occur in `labels`, 0..1.

    A class that is only predicted has no part of its own in it, for recordings that lack a class:
    its windows are misses of the classes that they are of. Parameters and errors as for
    `confusion`.
    """
    counts = confusion(labels, predicted, classes)
    present = counts.sum(axis=1) > 0
    occurrences = counts.sum(axis=0) + counts.sum(axis=1)
    return float(np.mean(2 * np.diag(counts)[present] / occurrences[present]))


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the ROC curve, 0..1.

    It is the share of pairs of a 1 and a 0 in which the 1 has the higher score, equal ones
    counting half (the statistic of H. B. Mann and D. R. Whitney, 1947).

    Parameters
    ----------
    labels
        (n,) of 0 and 1, each at least once; 1 is what scores are to be high for.
    scores
        (n,) numbers, infinite ones included.

    Raises
    ------
    ValueError
        Empty input, different lengths, other labels, only one of them, or a score that is NaN.
    """
    positive, value = _scored(labels, scores)
    _, place, count = np.unique(value, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2  # of equal scores their mean, from 1
    ones = int(positive.sum())
    above = float(rank[place[positive]].sum()) - ones * (ones + 1) / 2
    return above / (ones * (len(value) - ones))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the precision-recall curve as a sum of steps, 0..1.

    Sum over thresholds of precision times the recall that is gained there; equal scores are one
    threshold. Parameters and errors as for `auc`.
    """
    positive, value = _scored(labels, scores)
    order = np.argsort(-value, kind="stable")
    value, positive = value[order], positive[order]
    last = np.append(value[1:] != value[:-1], True)
    hits = np.cumsum(positive)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    gained = np.diff(hits, prepend=0) / hits[-1]
    return float(np.sum(precision * gained))


def _scored(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return where labels are 1, and scores."""
    true, score = _pair(labels, scores, "labels", "scores")
    value = score.astype(np.float64)
    if set(np.unique(true).tolist()) != {0, 1}:
        raise ValueError(f"labels must be 0 and 1, both of them, not {np.unique(true)[:5]}")
    if np.isnan(value).any():
        raise ValueError("scores must be numbers, not NaN")
    return true == 1, value


def agreement(a: ArrayLike, b: ArrayLike) -> float:
    """Return the share of places, 0..1, in which the (n,) arrays `a` and `b` are equal.

    Raises
    ------
    ValueError
        Empty input or different lengths.
    """
    first, second = _pair(a, b, "a", "b")
    return float(np.mean(first == second))


def sqnr_db(reference: ArrayLike, value: ArrayLike) -> float:
    """Return the signal-to-quantization-noise ratio of `value` in dB.

    10 log10(sum(reference^2) / sum((reference - value)^2)); infinity when the two are equal, and
    minus infinity when only the reference is all zero.

    Parameters
    ----------
    reference, value
        Arrays of one shape, of any dimensions, in the same unit.

    Raises
    ------
    ValueError
        Empty input, different shapes, or NaN or infinity in either.
    """
    exact = np.asarray(reference, dtype=np.float64)
    actual = np.asarray(value, dtype=np.float64)
    if exact.size == 0:
        raise ValueError("reference must be non-empty, not of size 0")
    if exact.shape != actual.shape:
        raise ValueError(f"value must have reference's shape {exact.shape}, not {actual.shape}")
    if not (np.isfinite(exact).all() and np.isfinite(actual).all()):
        raise ValueError("reference and value must be finite, not NaN or infinity")
    # The ratio does not depend on the unit: a common scale keeps the squares in range.
    scale = float(max(np.abs(exact).max(), np.abs(actual).max()))
    if scale > 0:
        exact, actual = exact / scale, actual / scale
    signal = float(np.sum(exact**2))
    noise = float(np.sum((exact - actual) ** 2))
    if noise == 0:
        return float("inf")
    if signal == 0:
        return float("-inf")
    return float(10 * (np.log10(signal) - np.log10(noise)))


def _pair(a: ArrayLike, b: ArrayLike, name_a: str, name_b: str) -> tuple[np.ndarray, np.ndarray]:
    """Return both as 1-D arrays of one length, at least 1."""
    first, second = np.asarray(a), np.asarray(b)
    for name, array in ((name_a, first), (name_b, second)):
        if array.ndim != 1 or array.size == 0:
            raise ValueError(f"{name} must be 1-D and non-empty, not of shape {array.shape}")
    if first.size != second.size:
        raise ValueError(f"{name_b} must be as long as {name_a} ({first.size}), not {second.size}")
    return first, second
