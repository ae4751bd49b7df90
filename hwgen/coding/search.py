"""The fewest bits for an error, and the least error for some bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy.typing as npt

from hwgen.coding import codes
from hwgen.coding.coded import Choice, Coded
from hwgen.coding.matrix import Floats, checked, error
from hwgen.errors import CannotMeetError

_SAMPLE = 1 << 16
"""Weights of a larger matrix that are looked at to begin with."""


Kept = Callable[[Floats], Floats]
"""From weights to what is left of them in the type that they are kept in."""


class UnreachedError(CannotMeetError):
    """No choice of a code is near enough.

    Parameters
    ----------
    nearest
        The least error that it comes to.
    """

    def __init__(self, code: str, matrix: Floats, nearest: float, most: float) -> None:
        rows, taps = matrix.shape
        super().__init__(
            f"error must be at least {nearest:.3g}, the nearest that {code} comes to "
            f"{rows} x {taps} weights, not {most:g}"
        )
        self.nearest = nearest


def _exactly(weights: Floats) -> Floats:
    return weights


def by_error(code: str, weights: npt.ArrayLike, most: float, kept: Kept = _exactly) -> Coded:
    """Return weights in the first of a code's choices that is near enough.

    Choices are halved, as if more bits were always nearer; of a large matrix with some of its taps,
    and from there on with all of them.

    Parameters
    ----------
    code
        Its name.
    weights
        ``(rows, taps)``.
    most
        RMS error relative to the weights' RMS.
    kept
        What becomes of decoded weights: a type of few bits rounds them once more.

    Raises
    ------
    InputError
        If there is no such code, or the weights are no matrix of finite numbers.
    UnreachedError
        If no choice is near enough; the nearest is told.
    """
    matrix, module = checked(weights), codes.of(code)
    choices = module.choices(shape_of(matrix))
    part = sample(matrix)
    first = 0 if part is matrix else _halved(module, choices, part, most, kept)[0]
    # What is near enough for some taps may be a little too far for all.
    first = max(0, min(first, len(choices) - 1) - 1)
    ahead = choices[first:]
    if part is matrix:
        found = _halved(module, ahead, matrix, most, kept)[1]
        if found is not None:
            return found
    for each in ahead if part is not matrix else ():
        found = module.fit(matrix, **each.options)
        if error(matrix, kept(found.real)) <= most:
            return found
    raise UnreachedError(code, matrix, _nearest(module, choices, matrix, kept), most)


def sample(matrix: Floats) -> Floats:
    """Return some taps of a large matrix; a small one is what is returned."""
    return matrix if matrix.size <= 2 * _SAMPLE else matrix[:, :: -(-matrix.size // _SAMPLE)]


def _halved(
    module: codes.Code, choices: Sequence[Choice], matrix: Floats, most: float, kept: Kept
) -> tuple[int, Coded | None]:
    """Return the place of the first choice that is near enough, and what it gives."""
    low, high = 0, len(choices)
    found: Coded | None = None
    while low < high:
        middle = (low + high) // 2
        tried = module.fit(matrix, **choices[middle].options)
        if error(matrix, kept(tried.real)) <= most:
            found, high = tried, middle
        else:
            low = middle + 1
    return low, found


def _nearest(module: codes.Code, choices: Sequence[Choice], matrix: Floats, kept: Kept) -> float:
    part = sample(matrix)
    found = [error(part, kept(module.fit(part, **each.options).real)) for each in choices[-3:]]
    return min(found, default=1.0)


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
    choices = module.choices(shape_of(matrix))
    if choices and all(each.bits is not None for each in choices):
        fitting = [each for each in choices if (each.bits or 0.0) <= most]
        if not fitting:
            raise _too_few(code, most, choices[0].bits)
        return module.fit(matrix, **fitting[-1].options)
    found: Coded | None = None
    fewest: float | None = None
    low, high = 0, len(choices)
    while low < high:
        middle = (low + high) // 2
        tried = module.fit(matrix, **choices[middle].options)
        if tried.bits_a_weight <= most:
            found, low = tried, middle + 1
        else:
            fewest, high = tried.bits_a_weight, middle
    if found is None:
        raise _too_few(code, most, fewest)
    return found


def shape_of(matrix: Floats) -> tuple[int, int]:
    """Return rows and taps."""
    return int(matrix.shape[0]), int(matrix.shape[1])


def _too_few(code: str, most: float, fewest: float | None) -> CannotMeetError:
    if fewest is None:
        return CannotMeetError(f"{code} has no choice for so few weights; name another code")
    return CannotMeetError(f"bits must be at least {fewest:.3g} for {code}, not {most:g}")
