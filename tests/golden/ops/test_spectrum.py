"""The integer transform and magnitude against numpy.fft, and its ranges at the worst inputs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import golden
from hwgen.golden.fft import multiply, run_stage
from hwgen.golden.ops import spectrum as own
from hwgen.metrics import sqnr_db
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision, fft
from hwgen.quantized.ops import spectrum
from tests.rules import front_end

HALF = Fraction(1, 2)


def quantized(window: int, shift: int = 2, **bits) -> spectrum.QuantizedSpectrum:
    return front_end(spectrum, Spectrum("spectrum", window), Precision(**bits), 1.0, shift)


def packed(samples: np.ndarray) -> np.ndarray:
    return samples[:, 0::2] + 1j * samples[:, 1::2]


def noise(window: int, count: int = 8, adc: int = 16) -> np.ndarray:
    limit = 1 << (adc - 1)
    return np.random.default_rng(window).integers(-limit, limit, (count, window))


def sqnr(exact: np.ndarray, value: np.ndarray) -> float:
    return sqnr_db([exact.real, exact.imag], [value.real, value.imag])


def rounding_bound(op: spectrum.QuantizedSpectrum) -> float:
    """Worst case of |Z - exact|: every rounding off by half a step in both parts."""
    step = np.sqrt(0.5)
    error = 0.0
    for stage in op.stages:
        error = 2 * error / 2**stage.shift + (step if stage.shift else 0)
        if stage.twiddles is not None:
            half_step = 2.0 ** -(stage.twiddles.frac_bits + 1)
            error += step + np.sqrt(2) * half_step * np.sqrt(2) * 2 ** (stage.width - 1)
    return error


@pytest.mark.parametrize(("window", "least"), [(16, 84), (32, 80), (64, 77), (256, 72), (2048, 63)])
def test_transform_is_numpys_within_the_rounding(window, least):
    op = quantized(window)
    samples = noise(window)
    re, im = own.transform(op, samples)
    exact = np.fft.fft(packed(samples)) / 2**op.fft_shift
    assert np.abs(re + 1j * im - exact).max() < rounding_bound(op)
    # Full-scale noise loses 3 dB a halving; a sine at full scale has 30 dB more at 2,048 samples.
    assert sqnr(exact, re + 1j * im) > least


@pytest.mark.parametrize(("twiddle", "least"), [(8, 40), (12, 60), (18, 70)])
def test_accuracy_follows_the_twiddles(twiddle, least):
    op = quantized(256, twiddle=twiddle)
    samples = noise(256)
    re, im = own.transform(op, samples)
    exact = np.fft.fft(packed(samples)) / 2**op.fft_shift
    assert least < sqnr(exact, re + 1j * im) < least + 15


@pytest.mark.parametrize(("window", "least"), [(16, 80), (64, 73), (2048, 62)])
def test_untangled_bins_are_those_of_the_real_window(window, least):
    op = quantized(window)
    samples = noise(window)
    re, im = own.untangle(op, own.transform(op, samples))
    exact = np.fft.rfft(samples)[:, :0:-1] / 2**op.fft_shift
    # Bins M down to M/2 come as their conjugates.
    exact[:, : window // 4 + 1] = exact[:, : window // 4 + 1].conj()
    # Half the sum of two values of Z, one more rounding each, and one table.
    assert np.abs(re + 1j * im - exact).max() < 2 * rounding_bound(op) + 4
    assert sqnr(exact, re + 1j * im) > least


def half_up(value: Fraction) -> int:
    return floor(value + HALF)


def half_down(value: Fraction) -> int:
    return ceil(value - HALF)


@pytest.mark.parametrize("seed", range(4))
def test_untangling_by_hand(seed):
    op = quantized(16, twiddle=10)
    rng = np.random.default_rng(seed)
    re, im = rng.integers(-200, 200, (2, 8)).tolist()
    expected = {}
    for k in range(5):  # E = (Z[k] + Z*[M-k]) / 2, O = -j (Z[k] - Z*[M-k]) / 2
        mirror = -k % 8
        e_re = half_up(Fraction(re[k] + re[mirror], 2))
        e_im = half_down(Fraction(im[k] - im[mirror], 2))
        o_re = half_up(Fraction(im[k] + im[mirror], 2))
        o_im = half_down(Fraction(re[mirror] - re[k], 2))
        c, s = int(op.untangle.re[k]), int(op.untangle.im[k])
        t_re = half_up(Fraction(o_re * c - o_im * s, 256))
        t_im = half_up(Fraction(o_re * s + o_im * c, 256))
        expected[k] = (e_re + t_re, e_im + t_im)
        expected[8 - k] = (e_re - t_re, e_im - t_im)
    got = own.untangle(op, (np.array([re]), np.array([im])))
    order = [expected[8 - feature] for feature in range(8)]
    assert list(zip(got[0][0].tolist(), got[1][0].tolist(), strict=True)) == order


def worst_cases(window: int, adc: int) -> Iterator[np.ndarray]:
    """Windows that drive some bin, or some stage, as far as samples can."""
    low, high = -(1 << (adc - 1)), (1 << (adc - 1)) - 1
    n = np.arange(window)
    yield np.where(n % 2, high, low)
    for period in (2, 4, 8, window):
        yield np.where(n % period < period / 2, high, low)
    for constant in (low, high):
        yield np.full(window, constant)
        for place in (0, 1, window // 2, window - 1):
            yield np.where(n == place, constant, 0)
    # Parts of z at full scale with the signs that add up in one bin.
    pairs = np.arange(window // 2)
    for k in range(0, window // 2, max(1, window // 32)):
        for turn in (0, np.pi / 4):
            wave = np.exp(2j * np.pi * k * pairs / (window // 2) + 1j * turn)
            window_k = np.empty(window, dtype=np.int64)
            window_k[0::2] = np.where(wave.real >= 0, high, low)
            window_k[1::2] = np.where(wave.imag >= 0, high, low)
            yield window_k
            yield np.where(window_k == low, high, low)
    rng = np.random.default_rng(window)
    yield from np.where(rng.integers(0, 2, (50, window)), high, low)


@pytest.mark.parametrize("window", [16, 32, 128, 512, 2048])
@pytest.mark.parametrize(
    ("adc", "data", "twiddle"), [(16, 18, 18), (16, 16, 8), (12, 12, 8), (4, 12, 9), (13, 18, 8)]
)
def test_no_input_leaves_the_planned_ranges(window, adc, data, twiddle):
    op = quantized(window, adc=adc, data=data, twiddle=twiddle)
    # `run` asserts the range behind every stage, and of the bins.
    features = golden.run_op(op, np.stack(list(worst_cases(window, adc))))
    assert features.min() >= op.out.min
    assert features.max() <= op.out.max


def test_a_stage_that_is_planned_too_narrow_is_noticed():
    op = quantized(64)
    stage = op.stages[2]
    narrow = fft.Stage(stage.span, stage.rotate, 0, stage.twiddles, stage.width - 2)
    full = np.full((1, 32), 1 << (stage.width - 2))
    with pytest.raises(OverflowError, match=r"^FFT stage must stay within"):
        run_stage(narrow, (full, full))


@given(st.lists(st.integers(-(1 << 17), 1 << 17), min_size=4, max_size=4), st.integers(1, 16))
def test_complex_product_rounds_each_part_half_up(parts, frac_bits):
    a, b, c, d = parts
    re, im = multiply((np.array(a), np.array(b)), (np.array(c), np.array(d)), frac_bits)
    scale = 1 << frac_bits
    assert re == floor(Fraction(a * c - b * d, scale) + HALF)
    assert im == floor(Fraction(a * d + b * c, scale) + HALF)


@given(
    re=st.lists(st.integers(-500, 500), min_size=16, max_size=16),
    im=st.lists(st.integers(-500, 500), min_size=16, max_size=16),
    span=st.sampled_from([1, 2, 4, 8]),
    rotate=st.booleans(),
    shift=st.integers(0, 2),
)
@settings(deadline=None)
def test_a_stage_rounds_sums_up_and_differences_down(re, im, span, rotate, shift):
    stage = fft.Stage(span, rotate, shift, None, 18)
    got = run_stage(stage, (np.array([re]), np.array([im])))
    parts = got[0][0].tolist(), got[1][0].tolist()
    for index in range(16):
        if index & span:
            continue
        b_re, b_im = re[index + span], im[index + span]
        if rotate and index & (2 * span):
            b_re, b_im = b_im, -b_re
        for part, a, b in ((parts[0], re[index], b_re), (parts[1], im[index], b_im)):
            assert part[index] == floor(Fraction(a + b, 1 << shift) + HALF)
            assert part[index + span] == ceil(Fraction(a - b, 1 << shift) - HALF)


@pytest.mark.parametrize("shift", [-3, -1, 0, 4])
def test_features_are_rounded_half_up_and_saturate(shift):
    op = quantized(32, shift, feature=9)
    samples = noise(32, count=30)
    samples[0] //= 1000
    exact = golden.accumulate(op, samples)
    got = golden.run_op(op, samples)
    assert got.shape == exact.shape == (30, 1, 16)
    for value, feature in zip(exact.ravel().tolist(), got.ravel().tolist(), strict=True):
        scaled = Fraction(value, 8) / Fraction(2) ** shift
        assert feature == min(floor(scaled + HALF), 511)


def test_silence_is_zero():
    assert not golden.run_op(quantized(64), np.zeros((1, 64), dtype=np.int64)).any()


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("value", "fits"), [(127, 1), (128, 0), (-128, 1), (-129, 0)])
def test_ranges_of_stages_to_the_last_value(part, value, fits):
    parts = [np.zeros((1, 2), dtype=np.int64), np.zeros((1, 2), dtype=np.int64)]
    parts[part][0, 0] = value
    stage = fft.Stage(1, False, 0, None, 8)
    if fits:
        got = run_stage(stage, tuple(parts))
        assert got[part].tolist() == [[value, value]]
    else:
        with pytest.raises(OverflowError, match=r"^FFT stage must stay within \[-128, 127\]"):
            run_stage(stage, tuple(parts))


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("end", [-1, 1])
def test_ranges_of_bins_to_the_last_value(part, end):
    op = quantized(16)
    limit = 1 << (op.bin_width - 1)
    high = limit - 1 if end > 0 else -limit
    for value, fits in ((high, True), (high + end, False)):
        parts = [np.zeros((1, 8), dtype=np.int64), np.zeros((1, 8), dtype=np.int64)]
        # Of bin 0 the real part; of bins 1 and 7 the imaginary one, half of a difference.
        parts[part][0, part] = value
        if part:
            parts[part][0, 7] = -value
        if fits:
            got = own.untangle(op, tuple(parts))
            assert value in got[part]
        else:
            with pytest.raises(OverflowError, match=r"^bins must stay within"):
                own.untangle(op, tuple(parts))
