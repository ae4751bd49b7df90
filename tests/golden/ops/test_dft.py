"""The spectrum by accumulation against its definition, numpy.fft, and a recurrence that slides."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import golden
from hwgen.fixedpoint import signed_width
from hwgen.golden.ops import dft as golden_dft
from hwgen.metrics import sqnr_db
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.ops import spectrum
from hwgen.quantized.ops.dft import QuantizedDft
from tests.rules import front_end

HALF = Fraction(1, 2)
WINDOWS = st.sampled_from([16, 32, 64, 128])
TWIDDLES = st.sampled_from([8, 9, 12, 18])
SEEDS = st.integers(0, 1 << 32)


def quantized(window: int, shift: int = 2, **bits) -> QuantizedDft:
    return front_end(
        spectrum, Spectrum("spectrum", window), Precision(transform="dft", **bits), 1.0, shift
    )


def noise(op: QuantizedDft, shape: tuple[int, ...] | int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(op.sample.min, op.sample.max + 1, shape)


def phasors(op: QuantizedDft, n: int) -> tuple[np.ndarray, np.ndarray]:
    """What a sample is multiplied with at place `n`, at bins M down to 1."""
    phase = n * np.arange(op.points, 0, -1)
    quarter = op.window // 4
    return op.wave[phase % op.window], op.wave[(phase + quarter) % op.window]


@given(window=WINDOWS, twiddle=TWIDDLES, adc=st.integers(4, 16), seed=SEEDS)
@settings(deadline=None, max_examples=40)
def test_sums_are_those_of_the_definition(window, twiddle, adc, seed):
    op = quantized(window, twiddle=twiddle, adc=adc, data=16)
    samples = noise(op, (3, window), seed)
    re, im = np.zeros((2, 3, op.points), dtype=np.int64)
    for n in range(window):
        cosine, sine = phasors(op, n)
        re += samples[:, n, np.newaxis] * cosine
        im += samples[:, n, np.newaxis] * sine
    got = golden_dft.transform(op, samples)
    assert (got[0] == re).all()
    assert (got[1] == im).all()


def test_long_windows_go_in_parts_of_the_table(monkeypatch):
    op = quantized(256)
    samples = noise(op, (4, 256))
    whole = golden_dft.transform(op, samples)
    monkeypatch.setattr(golden_dft, "_ENTRIES", 100)
    parts = golden_dft.transform(op, samples)
    assert (parts[0] == whole[0]).all()
    assert (parts[1] == whole[1]).all()


@pytest.mark.parametrize("window", [64, 256, 2048])
@pytest.mark.parametrize(("twiddle", "least"), [(8, 43), (10, 55), (12, 67), (18, 103)])
def test_accuracy_follows_the_twiddles(window, twiddle, least):
    op = quantized(window, twiddle=twiddle)
    samples = noise(op, (8, window))
    re, im = golden_dft.transform(op, samples)
    exact = np.fft.rfft(samples)[:, :0:-1] * 2.0**op.frac_bits
    # Each entry of the table is off by half a step at most; nothing else is rounded.
    bound = np.abs(samples).sum(axis=1, keepdims=True) * 0.5 * (1 + 1e-9)
    assert (np.abs(re - exact.real) <= bound).all()
    assert (np.abs(im - exact.imag) <= bound).all()
    assert least < sqnr_db([exact.real, exact.imag], [re, im]) < least + 9


@given(
    window=st.sampled_from([16, 32]), twiddle=TWIDDLES, seed=SEEDS, hop=st.integers(1, 32)
)  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_sums_slide_exactly(window, twiddle, seed, hop):
    """A recurrence over a stream, with phases by the sample's place, meets the placed windows."""
    op = quantized(window, twiddle=twiddle)
    hop = min(hop, window)
    samples = noise(op, 4 * window + 3, seed)
    starts = np.arange(0, len(samples) - window + 1, hop)
    taken = np.stack([samples[s : s + window] for s in starts])
    expected = golden_dft.transform(op, golden_dft.placed(op, taken, starts))
    re, im = np.zeros((2, op.points), dtype=np.int64)
    got = []
    for n, new in enumerate(samples.tolist()):
        old = int(samples[n - window]) if n >= window else 0
        cosine, sine = phasors(op, n)
        re, im = re + (new - old) * cosine, im + (new - old) * sine
        if n >= window - 1 and (n - window + 1) % hop == 0:
            got.append((re, im))
    assert len(got) == len(starts)
    for index, parts in enumerate(got):
        assert (parts[0] == expected[0][index]).all()
        assert (parts[1] == expected[1][index]).all()


@given(
    window=st.sampled_from([4, 16]),
    places=st.lists(st.integers(0, 10**12), min_size=1, max_size=4),
)
def test_a_sample_stands_at_its_place_modulo_the_window(window, places):
    op = dataclasses.replace(quantized(16), window=window, cosine=np.zeros(window // 2, np.int64))
    windows = np.array([[first + j for j in range(window)] for first in places])
    got = golden_dft.placed(op, windows, np.array(places))
    assert (got % window == np.arange(window)).all()
    assert (np.sort(got, axis=1) == windows).all()


def worst_windows(op: QuantizedDft) -> np.ndarray:
    """Windows whose signs match a part of a bin: each drives one sum to an end of its range."""
    found = []
    for k in range(1, op.points + 1, max(1, op.points // 32) | 1):
        for quarter in (0, op.window // 4):
            row = op.wave[(np.arange(op.window) * k + quarter) % op.window]
            found += [np.where(row > 0, op.sample.max, op.sample.min)]
            found += [np.where(row > 0, op.sample.min, op.sample.max)]
    for k in (op.points, op.points // 2, op.points // 4):
        row = op.wave[(np.arange(op.window) * k) % op.window]
        found += [np.where(row >= 0, op.sample.max, op.sample.min)]
        found += [np.where(row > 0, op.sample.min, op.sample.max)]
    rng = np.random.default_rng(op.window)
    random = np.where(rng.integers(0, 2, (20, op.window)), op.sample.max, op.sample.min)
    ends = np.full((2, op.window), [[op.sample.min], [op.sample.max]])
    return np.concatenate([np.stack(found), random, ends])


@pytest.mark.parametrize("window", [16, 32, 128, 2048])
@pytest.mark.parametrize(
    ("adc", "data", "twiddle"), [(16, 18, 18), (16, 16, 8), (12, 12, 8), (4, 12, 9), (13, 18, 10)]
)
def test_no_window_leaves_the_ranges_and_the_worst_ones_meet_them(window, adc, data, twiddle):
    op = quantized(window, adc=adc, data=data, twiddle=twiddle)
    samples = worst_windows(op)
    re, im = golden_dft.transform(op, samples)  # asserts the range
    low, high = min(re.min(), im.min()), max(re.max(), im.max())
    assert signed_width(int(low), int(high)) == op.sum_width
    features = golden.run_op(op, samples)
    assert features.min() >= op.out.min
    assert features.max() <= op.out.max


@given(window=WINDOWS, twiddle=TWIDDLES, data=st.data())
@settings(deadline=None, max_examples=30)
def test_no_partial_sum_leaves_the_range(window, twiddle, data):
    """In any order, the signs of all samples matched to a part that is drawn."""
    op = quantized(window, twiddle=twiddle, adc=data.draw(st.integers(4, 16)), data=16)
    k = data.draw(st.integers(1, op.points))
    quarter = data.draw(st.sampled_from([0, window // 4]))
    order = np.array(data.draw(st.permutations(range(window))))
    flips = np.array(data.draw(st.lists(st.booleans(), min_size=window, max_size=window)))
    row = op.wave[(order * k + quarter) % window]
    samples = np.where((row > 0) ^ flips, op.sample.max, op.sample.min)
    partial = np.cumsum(samples * row)
    low, high = op.sum_range
    assert low <= partial.min()
    assert partial.max() <= high


def test_a_range_that_is_planned_too_narrow_is_noticed(monkeypatch):
    op = quantized(64)
    samples = worst_windows(op)
    low, high = op.sum_range
    monkeypatch.setattr(QuantizedDft, "sum_range", (low, high // 2))
    with pytest.raises(OverflowError, match=r"^spectrum sums must stay within"):
        golden.run_op(op, samples)


def test_a_sample_beyond_the_format_is_noticed():
    op = quantized(16, adc=12)
    with pytest.raises(OverflowError, match=r"^spectrum input must stay within \[-2048, 2047\]"):
        golden.run_op(op, np.full((1, 16), 2048))


def test_sums_that_doubles_cannot_hold_are_refused():
    """Entries may be finer than 18 bits, but no sum may be wider than a double's mantissa."""
    for window in (16, 64):
        op = quantized(window)
        wide = dataclasses.replace(op, cosine=op.cosine << 16, frac_bits=op.frac_bits + 16)
        samples = noise(op, (2, window))
        if window == 16:
            assert wide.sum_width == 52
            exact = golden_dft.transform(op, samples)[0] << 16
            assert (golden_dft.transform(wide, samples)[0] == exact).all()
        else:
            with pytest.raises(OverflowError, match=r"^spectrum sums of 54 bits are too wide"):
                golden_dft.transform(wide, samples)


@pytest.mark.parametrize(
    ("data", "shift", "saturates"),
    [(12, -3, True), (12, -1, True), (12, 2, False), (18, 0, True), (18, 4, True), (18, 8, False)],
)
def test_parts_and_features_are_rounded_half_up_and_features_saturate(data, shift, saturates):
    op = quantized(32, shift, feature=9, adc=12, data=data, twiddle=10)
    samples = noise(op, (30, 32))
    samples[0] //= 100
    sums = golden_dft.transform(op, samples)
    exact, got = golden.accumulate(op, samples), golden.run_op(op, samples)
    assert got.shape == exact.shape == (30, 1, 16)
    flat = (part.ravel().tolist() for part in (*sums, exact, got))
    for re, im, eighths, feature in zip(*flat, strict=True):
        parts = sorted(abs(floor(Fraction(part, 1 << op.drop) + HALF)) for part in (re, im))
        magnitude = max(Fraction(parts[1]), Fraction(7 * parts[1] + 4 * parts[0], 8))
        assert Fraction(eighths, 8) == magnitude
        assert feature == min(floor(magnitude / Fraction(2) ** shift + HALF), 511)
    assert (got.max() == 511) == saturates


def test_silence_is_zero():
    assert not golden.run_op(quantized(64), np.zeros((1, 64), dtype=np.int64)).any()


def test_both_transforms_give_the_same_features_but_for_their_roundings():
    layer, samples = Spectrum("spectrum", 256), noise(quantized(256), (20, 256))
    values = []
    for transform in ("fft", "dft"):
        op = front_end(spectrum, layer, Precision(feature=16, transform=transform), 1.0, -2)
        values.append(golden.run_op(op, samples) * op.scale)
    assert sqnr_db(values[0], values[1]) > 65


@pytest.mark.parametrize("width", [52, 53, 54])
def test_the_widest_sums_that_are_taken(width, monkeypatch):
    op = quantized(16)
    monkeypatch.setattr(QuantizedDft, "sum_width", width)
    samples = noise(op, (2, 16))
    if width <= 53:
        assert golden_dft.transform(op, samples)[0].shape == (2, 8)
    else:
        with pytest.raises(OverflowError, match=r"^spectrum sums of 54 bits are too wide to check"):
            golden_dft.transform(op, samples)


@pytest.mark.parametrize("part", [0, 1])
def test_either_part_is_held_to_its_range(part, monkeypatch):
    """A wave of which one part of a bin is larger than planned."""
    op = quantized(16)
    phase = np.arange(16) * 2 + part * op.window // 4
    samples = np.where(op.wave[phase % 16] > 0, op.sample.max, op.sample.min)[np.newaxis]
    sums = golden_dft.transform(op, samples)
    most = int(np.abs(sums[part]).max())
    assert most > np.abs(sums[1 - part]).max()
    monkeypatch.setattr(QuantizedDft, "sum_range", (-most, most - 1))
    with pytest.raises(OverflowError, match=r"^spectrum sums must stay within"):
        golden_dft.transform(op, samples)
    monkeypatch.setattr(QuantizedDft, "sum_range", (-most, most))
    golden_dft.transform(op, samples)


def test_memory_is_bounded_by_the_entries(monkeypatch):
    op = quantized(256)
    sizes = []
    outer = np.outer

    def noted(a, b):
        result = outer(a, b)
        sizes.append(result.size)
        return result

    monkeypatch.setattr(golden_dft, "_ENTRIES", 1000)
    monkeypatch.setattr(golden_dft.np, "outer", noted)
    golden_dft.transform(op, noise(op, (4, 256)))
    # Bins 1, 3 ... 127 at 128 places are 64 * 128 entries: nine parts; then 32 * 64: three.
    assert max(sizes) <= 1024
    assert sum(sizes[:9]) == 64 * 128
    assert sum(sizes[9:12]) == 32 * 64
