"""Integer meaning of a learn phase: a threshold from the scores of a healthy machine.

Scores are counted in bins whose width grows with the score, as a histogram of high dynamic range
has them (G. Tene, HdrHistogram, 2012): below ``2**(OCTAVE_BITS + 1)`` a bin is one score, above
every octave has ``2**OCTAVE_BITS`` of them. A threshold is therefore at most 1/16 above the score
that it stands for, and never below.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.protocol import MARGIN_ONE, OCTAVE_BITS, Learn

_EXACT = 1 << (OCTAVE_BITS + 1)
"""Scores below are in bins of their own."""


def bins(bits: int) -> int:
    """Return how many bins there are for scores of `bits` bits, unsigned."""
    return bin_of((1 << max(bits, OCTAVE_BITS + 1)) - 1) + 1


def bin_of(score: int) -> int:
    """Return the bin of a score: position of its leading one, and the bits behind that."""
    shift = max(0, score.bit_length() - OCTAVE_BITS - 1)
    return (shift << OCTAVE_BITS) + (score >> shift)


def upper_edge(number: int) -> int:
    """Return the largest score of a bin."""
    if number < _EXACT:
        return number
    shift = (number >> OCTAVE_BITS) - 1
    leading = number - (shift << OCTAVE_BITS)
    return ((leading + 1) << shift) - 1


def learnt(scores: Integers, learn: Learn, bits: int) -> int:
    """Return the threshold that a learn phase sets.

    Parameters
    ----------
    scores
        ``(n,)``, of the windows in their order; the first `learn.windows` count.
    learn
        The phase.
    bits
        Of a score, unsigned.

    Returns
    -------
    The smallest upper edge of a bin that at most `learn.allowed` of the scores are above, times
    the margin, rounded down, and at most the largest score.

    Raises
    ------
    ValueError
        If there are fewer scores than wanted, or one does not fit `bits`.
    """
    if not 1 <= learn.windows <= len(scores):
        raise ValueError(f"scores must be at least {learn.windows} and 1, not {len(scores)}")
    most = (1 << bits) - 1
    counted = [int(score) for score in scores[: learn.windows]]
    if not 0 <= min(counted) <= max(counted) <= most:
        raise ValueError(f"scores must be 0 to {most}, not {min(counted)} to {max(counted)}")
    counts = np.bincount([bin_of(score) for score in counted], minlength=bins(bits))
    above, number = 0, len(counts) - 1
    while number and above + counts[number] <= learn.allowed:
        above += int(counts[number])
        number -= 1
    return min(most, min(most, upper_edge(number)) * learn.margin // MARGIN_ONE)
