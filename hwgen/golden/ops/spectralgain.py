"""Integer meaning of gains of a window's bins."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.fft import multiply, transformed
from hwgen.golden.magnitude import Complex
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain


def accumulate(op: QuantizedSpectralGain, x: Integers) -> Integers:
    """Return the filtered samples ``(n, 1, window)`` of samples ``(n, window)``, exactly."""
    check_range(f"{op.name} input", x, op.sample.min, op.sample.max)
    re, im = gained(op, transformed(op.there, (x[:, 0::2], x[:, 1::2])))
    im, re = transformed(op.back, (im, re))
    return np.stack([re, im], axis=-1).reshape(len(x), 1, op.window)


def rounded(op: QuantizedSpectralGain, sums: Integers) -> Integers:
    """Return ``(n, 1, window)`` in the output's format."""
    return requantize(sums, op.shift, op.out)


def gained(op: QuantizedSpectralGain, value: Complex) -> Complex:
    """Return Z' of Z, ``(n, M)`` parts in natural order."""
    mirror = -np.arange(op.points) % op.points
    own = multiply(value, (op.own.re, op.own.im), op.own.frac_bits)
    turned = value[0][:, mirror], value[1][:, mirror]
    # The conjugate of a product with a conjugate.
    other = multiply(turned, (op.mirrored.re, op.mirrored.im), op.mirrored.frac_bits)
    made = own[0] + other[0], own[1] - other[1]
    for part in made:
        check_range(f"{op.name} bins", part, *op.accumulator)
    return made
