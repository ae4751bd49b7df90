"""Integer meaning of a bin's magnitude and of a feature, whatever the transform."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers
from hwgen.golden.requantize import requantize
from hwgen.quantized.features import QuantizedFeatures
from hwgen.quantized.magnitude import MAGNITUDES

Complex = tuple[Integers, Integers]


def magnitude(method: str, value: Complex) -> Integers:
    """Return eight times the approximate magnitude: exact, nothing dropped."""
    parts = np.abs(value[0]), np.abs(value[1])
    a, b = np.maximum(*parts), np.minimum(*parts)
    candidates = [alpha * a + beta * b for alpha, beta in MAGNITUDES[method]]
    result: Integers = np.max(candidates, axis=0)
    return result


def rounded(op: QuantizedFeatures, sums: Integers) -> Integers:
    """Return the features of eight times the magnitudes."""
    return requantize(sums, op.dropped, op.out)
