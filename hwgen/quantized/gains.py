"""Gains of the bins of a real window on the half-length transform of its packed pairs.

With G the gains of bins 0 to M of 2 M real samples, Z the M-point transform of the samples in
pairs, S and D half the sum and half the difference of G[k] and conj(G[M-k]), and t = pi k / M,
``Z'[k] = (S - D sin t) Z[k] + j D cos t conj(Z[M-k])`` is that of the filtered samples: untangling,
gains and tangling again are linear in Z[k] and conj(Z[M-k]), and so two products a value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.fixedpoint import round_half_up
from hwgen.quantized.fft import Twiddles

Complexes = npt.NDArray[np.complex128]

_ROUNDING = math.sqrt(0.5)
"""Most that rounding both parts of a number to integers moves it."""

_AHEAD = 0.75
"""Share of the range that a stage may reach before it halves: roundings and twiddles that are a bit
too long add to what was halved."""

_LEAST, _MOST = -40, 60
"""Of the power of two that gains are divided by."""


def packed_gains(gain: Complexes) -> tuple[Complexes, Complexes]:
    """Return the factors of Z[k] and of conj(Z[M-k]), k = 0 .. M-1, for gains of bins 0 .. M."""
    points = len(gain) - 1
    turn = np.pi * np.arange(points) / points
    mirror = gain[:0:-1].conj()  # of bins M .. 1
    half_sum, half_difference = (gain[:-1] + mirror) / 2, (gain[:-1] - mirror) / 2
    return half_sum - half_difference * np.sin(turn), 1j * half_difference * np.cos(turn)


def table(values: Complexes, exponent: int, frac_bits: int) -> Twiddles:
    """Return numbers divided by ``2**exponent`` as integers."""
    scaled = values * 2.0 ** (frac_bits - exponent)
    return Twiddles(round_half_up(scaled.real), round_half_up(scaled.imag), frac_bits)


@dataclass
class _Worst:
    """How large values are, and errors, at most.

    Parameters
    ----------
    peak
        Absolute value of any value.
    norm, error
        Root of the sum of all squares: of values, and of what roundings have done to them. A
        transform multiplies both by the same, whatever the signs are.
    points
        Values.
    off
        Most that an entry of a table is off.
    """

    peak: float
    norm: float
    error: float
    points: int
    off: float

    def butterfly(self, limit: float) -> bool:
        """Grow by one stage; return whether its results must be halved to stay below `limit`."""
        self.peak *= 2
        self._times(math.sqrt(2))
        halved = self.peak > limit
        if halved:
            self.peak = self.peak / 2 + _ROUNDING
            self._times(0.5)
            self.error += _ROUNDING * math.sqrt(self.points)
        self.peak = self.peak * (1 + self.off) + _ROUNDING
        self.error += self.off * (self.norm + self.error)
        self.error += _ROUNDING * math.sqrt(self.points / 2)
        return halved

    def gains(self, largest: float) -> None:
        """Grow by gains of at most `largest`, two products a value."""
        moved = 2 * self.off * (self.norm + self.error)
        self._times(largest)
        self.error += moved + 2 * _ROUNDING * math.sqrt(self.points)

    def _times(self, factor: float) -> None:
        self.norm *= factor
        self.error *= factor


@dataclass(frozen=True)
class Growth:
    """What keeps all values in their width, whatever the samples are.

    Parameters
    ----------
    halved
        Whether each stage of the transform divides by two. None of the way back does.
    exponent
        Gains are divided by two to this.
    """

    halved: tuple[bool, ...]
    exponent: int


def growth(gain: Complexes, sample_bits: int, width: int, frac_bits: int) -> Growth:
    """Return the least divisions with which nothing can overflow.

    Half way back, a value is a sum over some of the filtered samples, so that it is at most M times
    as large as the largest of them; and that one is at most the largest sample times the sum of the
    absolute values of the filter's response. What roundings add to it is at most the root of the
    sum of their squares.

    Parameters
    ----------
    gain
        Of bins 0 .. M.
    sample_bits
        Of a sample, signed.
    width
        Of each part of a value.
    frac_bits
        Of the tables.

    Raises
    ------
    InputError
        If there are none.
    """
    points = len(gain) - 1
    stages = points.bit_length() - 1
    limit = 2.0 ** (width - 1) - 1
    largest = 2.0 ** (sample_bits - 1) * math.sqrt(2)
    off = _ROUNDING * 2.0**-frac_bits
    worst = _Worst(largest, largest * math.sqrt(points), 0.0, points, off)
    halved = tuple(worst.butterfly(_AHEAD * limit) for _ in range(stages))
    response = float(np.abs(np.fft.irfft(gain)).sum())
    whole = largest * points * response * 2.0 ** -sum(halved)
    entry = max(float(np.abs(each).max()) for each in packed_gains(gain))
    most = float(np.abs(gain).max())
    for exponent in range(_LEAST, _MOST):
        share = 2.0**-exponent
        back = _Worst(worst.peak, worst.norm, worst.error, points, off)
        back.gains(most * share)
        for _ in range(stages):
            back.butterfly(math.inf)
        if whole * share + back.error <= limit and entry * share <= 2 - 2.0 ** (1 - frac_bits):
            return Growth(halved, exponent if most else 0)
    raise InputError(
        f"gains of {points + 1} bins cannot be kept in {width} bits with tables of "
        f"{frac_bits + 2} bits; give more --data-bits or --twiddle-bits"
    )
