"""The fewest bits for an error, and the least error for some bits."""

from __future__ import annotations

import numpy.typing as npt

from hwgen.coding import codes
from hwgen.coding.coded import Coded
from hwgen.coding.matrix import checked, error
from hwgen.errors import CannotMeetError


def by_error(code: str, weights: npt.ArrayLike, most: float) -> Coded:
    """Return weights in the first of a code's choices that is near enough.

    Choices are halved, as if more bits were always nearer.

    Parameters
    ----------
    code
        Its name.
    weights
        ``(rows, taps)``.
    most
        RMS error relative to the weights' RMS.

    Raises
    ------
    InputError
        If there is no such code, or the weights are no matrix of finite numbers.
    CannotMeetError
        If no choice is near enough; the nearest is told.
    """
    matrix, module = checked(weights), codes.of(code)
    choices = module.choices(_shape(matrix))
    low, high = 0, len(choices)
    found: Coded | None = None
    while low < high:
        middle = (low + high) // 2
        tried = module.fit(matrix, **choices[middle].options)
        if error(matrix, tried.real) <= most:
            found, high = tried, middle
        else:
            low = middle + 1
    if found is None:
        nearest = min(
            error(matrix, module.fit(matrix, **each.options).real) for each in choices[-3:]
        ) if choices else 1.0  # fmt: skip
        raise CannotMeetError(
            f"error must be at least {nearest:.3g}, the nearest that {code} comes to "
            f"{_shape(matrix)} weights, not {most:g}"
        )
    return found


def by_bits(code: str, weights: npt.ArrayLike, most: float) -> Coded:
    """Return weights in the last of a code's choices with at most so many bits of words a weight.

    Raises
    ------
    InputError
        As of `by_error`.
    CannotMeetError
        If all have more; the fewest are told.
    """
    matrix, module = checked(weights), codes.of(code)
    choices = module.choices(_shape(matrix))
    found: Coded | None = None
    if all(each.bits is not None for each in choices):
        if fitting := [each for each in choices if (each.bits or 0.0) <= most]:
            return module.fit(matrix, **fitting[-1].options)
        raise _too_few(code, most, choices[0].bits if choices else None)
    low, high = 0, len(choices)
    while low < high:
        middle = (low + high) // 2
        tried = module.fit(matrix, **choices[middle].options)
        if tried.bits_a_weight <= most:
            found, low = tried, middle + 1
        else:
            high = middle
    if found is None:
        raise _too_few(code, most, tried.bits_a_weight)
    return found


def _shape(matrix: npt.NDArray) -> tuple[int, int]:
    return int(matrix.shape[0]), int(matrix.shape[1])


def _too_few(code: str, most: float, fewest: float | None) -> CannotMeetError:
    if fewest is None:
        return CannotMeetError(f"{code} has no choice for so few weights; name another code")
    return CannotMeetError(f"bits must be at least {fewest:.3g} for {code}, not {most:g}")
