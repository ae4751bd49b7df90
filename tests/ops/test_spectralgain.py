"""Gains of a window's bins (accuracy and ranges: tests/golden/ops/test_spectralgain.py)."""

import cmath

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.ops.spectralgain import SpectralGain
from tests.ops.harness import Example


def gains(window, seed=1):
    real, imag = np.random.default_rng(seed).normal(size=(2, window // 2 + 1))
    imag[[0, -1]] = 0.0
    return SpectralGain("gain", real, imag)


EXAMPLES = {
    "16": Example(gains(16), ((16,),), samples=True, near=60.0),
    "64": Example(gains(64), ((64,),), samples=True, near=55.0),
    "none": Example(SpectralGain("gain", np.ones(17), np.zeros(17)), ((32,),), samples=True),
    "few": Example(SpectralGain("gain", np.eye(1, 17, 4)[0], np.zeros(17)), ((32,),), samples=True),
}
REFUSED = (((8,),), ((1, 16),), ((16, 1),))


def torch_of(layer, x):
    gain = torch.complex(torch.from_numpy(layer.real.copy()), torch.from_numpy(layer.imag.copy()))
    return torch.fft.irfft(torch.fft.rfft(x) * gain, layer.window)[:, None]


def loops_of(op, x):
    """One window in Python's integers, written from the op's own words."""
    half = len(x) // 2
    z = _transform(op, list(zip(x[0::2], x[1::2], strict=True)), op.halved)
    made = []
    for k in range(half):
        own = _times(op, z[k], op.own, k)
        re, im = _times(op, z[-k % half], op.mirrored, k)
        made.append((own[0] + re, own[1] - im))
    back = _transform(op, [(im, re) for re, im in made], (False,) * len(op.halved))
    return [[part for im, re in back for part in (re, im)]]


def _transform(op, values, halved):
    """Sums go to the even bins, and differences, turned, to the odd ones."""
    if len(values) == 1:
        return values
    half, upper = len(values) // 2, values[len(values) // 2 :]
    shift = int(halved[0])
    sums, differences = [], []
    for n, (a, b) in enumerate(zip(values[:half], upper, strict=True)):
        sums.append(tuple((p + q + shift) >> shift for p, q in zip(a, b, strict=True)))
        less = tuple(-((q - p + shift) >> shift) for p, q in zip(a, b, strict=True))
        differences.append(_times(op, less, op.twiddles, n * op.points // len(values)))
    even, odd = (_transform(op, each, halved[1:]) for each in (sums, differences))
    return [value for pair in zip(even, odd, strict=True) for value in pair]


def _times(op, value, table, index):
    c, s, bits = int(table.re[index]), int(table.im[index]), table.frac_bits
    re, im = value
    half = 1 << (bits - 1)
    return (re * c - im * s + half) >> bits, (re * s + im * c + half) >> bits


def test_a_gain_of_each_bin_is_what_it_says():
    layer, n = gains(32), np.arange(32)
    for k in range(1, 16):
        wave = np.cos(2 * np.pi * k * n / 32 + 0.3)
        size, angle = abs(layer.gain[k]), cmath.phase(layer.gain[k])
        expected = size * np.cos(2 * np.pi * k * n / 32 + 0.3 + angle)
        np.testing.assert_allclose(layer.apply(wave[None])[0, 0], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("real", "imag", "says"),
    [
        (np.ones(9), np.zeros(8), "gain real and imag must be as long as each other, not 9 and 8"),
        (np.ones(8), np.zeros(8), "window a power of two from 16 to 16384 samples, not of 8"),
        (np.ones(5), np.zeros(5), "window a power of two from 16 to 16384 samples, not of 5"),
        (np.ones(9), np.ones(9), "gain imag of bins 0 and 8 must be 0, not 1 and 1"),
        (np.full(9, np.nan), np.ones(9), "gain.real must be finite"),
        (np.ones((3, 3)), np.ones(9), "gain.real must have 1 dimensions"),
    ],
)
def test_what_is_no_filter_is_refused(real, imag, says):
    with pytest.raises(InputError, match=says):
        SpectralGain("gain", real, imag)
