"""Integer meaning of samples as values."""

from __future__ import annotations

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.direct import QuantizedDirect


def accumulate(op: QuantizedDirect, x: Integers) -> Integers:
    """Return the samples as they are, ``(n, channels, samples)``."""
    check_range(f"{op.name} input", x, op.sample.min, op.sample.max)
    return x.reshape(len(x), op.channels, op.samples)


def rounded(op: QuantizedDirect, sums: Integers) -> Integers:
    """Return ``(n, channels, samples)`` in the output's format."""
    return requantize(sums, op.shift, op.out, even=op.even)
