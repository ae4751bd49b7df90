"""Integer meaning of the magnitude spectrum."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, shift_half_down, shift_half_up
from hwgen.golden.magnitude import Complex, magnitude, rounded
from hwgen.quantized import fft
from hwgen.quantized.ops.spectrum import QuantizedSpectrum

__all__ = ["accumulate", "multiply", "rounded", "run_stage", "transform", "untangle"]


def multiply(value: Complex, table: Complex, frac_bits: int) -> Complex:
    """Return the complex product, each part rounded half up to an integer."""
    (a, b), (c, d) = value, table
    return (
        shift_half_up(a * c - b * d, frac_bits),
        shift_half_up(a * d + b * c, frac_bits),
    )


def run_stage(stage: fft.Stage, value: Complex) -> Complex:
    """Return one butterfly stage's output for ``(n, points)`` parts, in stream order."""
    shape = (len(value[0]), -1, 2, stage.span)
    re, im = value[0].reshape(shape), value[1].reshape(shape)
    a_re, b_re = re[:, :, 0], re[:, :, 1].copy()
    a_im, b_im = im[:, :, 0], im[:, :, 1].copy()
    if stage.rotate:  # (re + j im) * -j = im - j re
        b_re[:, 1::2], b_im[:, 1::2] = im[:, 1::2, 1], -re[:, 1::2, 1]
    parts = []
    for a, b in ((a_re, b_re), (a_im, b_im)):
        sums = shift_half_up(a + b, stage.shift)
        diffs = shift_half_down(a - b, stage.shift)
        parts.append(np.stack([sums, diffs], axis=2).reshape(value[0].shape))
    result = parts[0], parts[1]
    if stage.twiddles is not None:
        table = stage.twiddles
        repeat = value[0].shape[1] // len(table.re)
        tiled = np.tile(table.re, repeat), np.tile(table.im, repeat)
        result = multiply(result, tiled, table.frac_bits)
    for part in result:
        check_range("FFT stage", part, -(1 << (stage.width - 1)), (1 << (stage.width - 1)) - 1)
    return result


def transform(op: QuantizedSpectrum, samples: Integers) -> Complex:
    """Return Z of the packed pairs, ``(n, M)`` parts in natural order."""
    value = (samples[:, 0::2], samples[:, 1::2])
    for stage in op.stages:
        value = run_stage(stage, value)
    order = np.argsort(fft.bit_reversed(op.points))
    return value[0][:, order], value[1][:, order]


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
