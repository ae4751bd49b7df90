"""Integer meaning of the magnitude spectrum."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, shift_half_down, shift_half_up
from hwgen.golden.fft import multiply, transformed
from hwgen.golden.magnitude import Complex, magnitude, rounded
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

__all__ = ["accumulate", "rounded", "transform", "untangle"]


def transform(op: QuantizedSpectrum, samples: Integers) -> Complex:
    """Return Z of the packed pairs, ``(n, M)`` parts in natural order."""
    return transformed(op.stages, (samples[:, 0::2], samples[:, 1::2]))


def untangle(op: QuantizedSpectrum, value: Complex) -> Complex:
    """Return X at the features' bins (its conjugate where that is cheaper), ``(n, bins)``."""
    re, im = value
    k = np.arange(op.points // 2 + 1)
    mirror = (op.points - k) % op.points
    even = shift_half_up(re[:, k] + re[:, mirror], 1), shift_half_down(im[:, k] - im[:, mirror], 1)
    # -j * (Z[k] - Z*[M-k]) = (im sum) + j (re difference, mirror first)
    odd = shift_half_up(im[:, k] + im[:, mirror], 1), shift_half_down(re[:, mirror] - re[:, k], 1)
    turned = multiply(odd, (op.untangle.re, op.untangle.im), op.untangle.frac_bits)
    low = even[0] + turned[0], even[1] + turned[1]
    high = even[0] - turned[0], even[1] - turned[1]
    # `low` has bins k = 0 .. M/2-1, `high` bins M - k for k = 0 .. M/2.
    every = [np.concatenate([lo[:, :-1], h[:, ::-1]], 1) for h, lo in zip(high, low, strict=True)]
    parts = [part[:, op.bins] for part in every]
    for part in parts:
        check_range("bins", part, -(1 << (op.bin_width - 1)), (1 << (op.bin_width - 1)) - 1)
    return parts[0], parts[1]


def accumulate(op: QuantizedSpectrum, x: Integers) -> Integers:
    """Return eight times the magnitudes ``(n, 1, bins)`` of samples ``(n, window)``."""
    return magnitude(op.magnitude, untangle(op, transform(op, x)))[:, np.newaxis]
