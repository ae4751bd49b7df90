"""Integer meaning of a transform's stages, and of complex products with tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.fixedpoint import check_range, shift_half_down, shift_half_up
from hwgen.golden.magnitude import Complex
from hwgen.quantized import fft


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


def transformed(stages: Sequence[fft.Stage], value: Complex) -> Complex:
    """Return what all stages make of ``(n, points)`` parts, in natural order."""
    for stage in stages:
        value = run_stage(stage, value)
    order = np.argsort(fft.bit_reversed(value[0].shape[1]))
    return value[0][:, order], value[1][:, order]
