"""Integer gains of bins against float ones: how near, and that nothing leaves its range."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hwgen import golden
from hwgen.golden.ops import spectralgain as own
from hwgen.metrics import sqnr_db
from hwgen.network.ops.spectralgain import SpectralGain
from hwgen.quantized import Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain
from hwgen.quantized.samples import sampled
from tests.ops.test_spectralgain import loops_of

KINDS = ("none", "smooth", "free")


def layer_of(kind: str, window: int) -> SpectralGain:
    """Return gains of 1; of random ones every eighth bin, with straight lines between; of noise."""
    bins, rng = window // 2 + 1, np.random.default_rng(window)
    if kind == "none":
        return SpectralGain("gain", np.ones(bins), np.zeros(bins))
    knots = bins if kind == "free" else max(3, window // 16 + 1)
    places = np.linspace(0, 1, knots)
    real, imag = (np.interp(np.linspace(0, 1, bins), places, rng.normal(size=knots)) for _ in "ri")
    imag[[0, -1]] = 0.0
    return SpectralGain("gain", real, imag)


def quantized(kind: str, window: int, **bits) -> QuantizedSpectralGain:
    widths = Precision(**bits)
    source = sampled((window,), widths, 1.0)
    return integer_op(layer_of(kind, window), (source,), widths, Chosen())


def near(kind: str, window: int, loud: float, **bits) -> float:
    """Return the SQNR (dB) of the sums, of noise so many dB below full scale."""
    op = quantized(kind, window, **bits)
    limit = 1 << (op.sample.width - 1)
    noise = np.random.default_rng(1).normal(size=(4, window)) * limit * 10 ** (loud / 20)
    x = np.rint(noise).clip(-limit, limit - 1).astype(np.int64)
    step = sampled((window,), Precision(**bits), 1.0).scale[0]
    exact = layer_of(kind, window).apply(x * step)
    return sqnr_db(exact, golden.accumulate(op, x) * op.scale[0])


@pytest.mark.parametrize(
    ("kind", "window", "loud", "least"),
    [
        # A window as trained, at an eighth of full scale, and as quiet as 80 steps.
        ("none", 2048, -18, 84),
        ("none", 2048, -52, 51),
        ("smooth", 2048, -18, 74),
        ("smooth", 2048, -52, 44),
        ("free", 2048, -18, 64),
        ("free", 2048, -52, 34),
        ("none", 16, -18, 90),
        ("free", 16, -18, 82),
        ("none", 16384, -18, 83),
        ("free", 16384, -18, 53),
    ],
)
def test_the_way_there_and_back_loses_little(kind, window, loud, least):
    found = near(kind, window, loud)
    assert found > least
    assert found < least + 6  # the bound says something


@pytest.mark.parametrize("halved", [(), (0,), (1, 3), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("window", [16, 64])
def test_stages_that_halve_by_hand(window, halved):
    op = quantized("free", window, adc=10, data=12)
    every = tuple(number in halved for number in range(len(op.halved)))
    op = dataclasses.replace(op, halved=every)
    x = np.random.default_rng(window).integers(op.sample.min, op.sample.max + 1, (3, window))
    assert golden.accumulate(op, x).tolist() == [loops_of(op, row.tolist()) for row in x]


def worst_cases(op: QuantizedSpectralGain) -> np.ndarray:
    """Return windows that drive some value as far as samples can."""
    low, high, n = op.sample.min, op.sample.max, np.arange(op.window)
    made = [np.where(n % 2, high, low), np.full(op.window, low), np.where(n == 3, low, 0)]
    made += [np.where(n % period < period / 2, high, low) for period in (4, 8, op.window)]
    # What meets the filter's response with all signs alike, backwards in time, at some places.
    gain = own_gain(op)
    response = np.fft.irfft(gain)
    for place in (0, 1, op.window // 2 + 1):
        turned = np.roll(response[::-1], place + 1)
        made += [np.where(turned >= 0, high, low), np.where(turned >= 0, low, high)]
    rng = np.random.default_rng(op.window)
    return np.stack([*made, *np.where(rng.integers(0, 2, (20, op.window)), high, low)])


def own_gain(op: QuantizedSpectralGain) -> np.ndarray:
    """Return the gains that an op was made of, but for a factor: those of an impulse."""
    x = np.zeros((1, op.window), dtype=np.int64)
    x[0, 0] = op.sample.max
    return np.fft.rfft(golden.accumulate(op, x)[0, 0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("window", [16, 64, 512, 2048])
@pytest.mark.parametrize(
    ("adc", "data", "twiddle"), [(16, 18, 18), (16, 16, 10), (12, 12, 12), (4, 12, 9), (16, 18, 8)]
)
def test_no_input_leaves_the_planned_ranges(*, kind, window, adc, data, twiddle):
    op = quantized(kind, window, adc=adc, data=data, twiddle=twiddle)
    # `accumulate` asserts the range behind every stage, and of the bins.
    sums = golden.accumulate(op, worst_cases(op))
    low, high = op.accumulator
    assert low <= sums.min() < sums.max() <= high
    if twiddle == data and window > 64:  # nor is there room to spare
        assert np.abs(sums).max() > high / 4.5


def test_gains_that_are_too_large_for_their_range_are_noticed():
    op = quantized("none", 64)
    wide = dataclasses.replace(op.own, re=op.own.re * 64)
    with pytest.raises(OverflowError, match="gain bins must stay within"):
        golden.accumulate(dataclasses.replace(op, own=wide), worst_cases(op))


def test_bins_are_those_of_the_filtered_window():
    op = quantized("free", 64)
    re, im = np.random.default_rng(2).integers(-1000, 1000, (2, 3, 32))
    z = re + 1j * im
    # The samples that have Z, filtered, have Z'.
    pairs = np.fft.ifft(z)
    samples = np.stack([pairs.real, pairs.imag], axis=-1).reshape(3, 64)
    filtered = layer_of("free", 64).apply(samples)[:, 0]
    expected = np.fft.fft(filtered[:, 0::2] + 1j * filtered[:, 1::2])
    got = own.gained(op, (re, im))
    scale = op.scale[0] / sampled((64,), Precision(), 1.0).scale[0] * 32
    assert np.abs((got[0] + 1j * got[1]) * scale - expected).max() < 3 * scale
