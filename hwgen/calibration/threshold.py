"""The integer threshold of a score: what it is in integers, and what healthy windows make of it.

Rounding adds to a squared error, nearly as much to every window's: with the float threshold as it
is, more healthy windows would be above it than were to be.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.network import Floats
from hwgen.quantized.ops.score import QuantizedScore, with_threshold


def settled(
    op: QuantizedScore, threshold: float | None, floats: Floats, integers: Integers
) -> QuantizedScore:
    """Return the op with the threshold that as many healthy windows are above as in floats.

    Parameters
    ----------
    threshold
        In real units; None: nothing is an anomaly.
    floats, integers
        ``(n,)`` scores of the same healthy windows by the float network, in real units, and by the
        integer one.

    Of all that leave as many above, it is the one nearest to the float threshold.
    """
    asked = op.in_steps(threshold)
    if threshold is None or not len(integers):
        return with_threshold(op, asked)
    above = int(np.count_nonzero(floats > threshold))
    ordered = np.sort(integers)[::-1]
    # The least above it stays above, the largest of the others is not.
    high = int(ordered[above - 1]) - 1 if above else op.output.fmt.max
    low = int(ordered[above]) if above < len(ordered) else 0
    return with_threshold(op, max(0, low, min(high, asked)))
