"""The table of the spectrum by accumulation, its ranges, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, shift_half_up, signed_width
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import mean_gain
from hwgen.quantized.op import op_from_json
from hwgen.quantized.ops import dft, spectrum
from tests.rules import front_end


def quantized(window: int, shift: int = 0, **bits) -> dft.QuantizedDft:
    made = front_end(
        spectrum, Spectrum("spectrum", window), Precision(transform="dft", **bits), 1.0, shift
    )
    assert isinstance(made, dft.QuantizedDft)
    return made


@pytest.mark.parametrize("window", [16, 64, 2048])
@pytest.mark.parametrize("twiddle", [8, 13, 18])
def test_the_wave_is_the_nearest_integers_of_a_cosine(window, twiddle):
    op = quantized(window, twiddle=twiddle)
    exact = np.cos(2 * np.pi * np.arange(window) / window) * 2.0 ** (twiddle - 2)
    assert np.abs(op.wave - exact).max() <= 0.5 + 1e-9
    assert op.wave[0] == 1 << op.frac_bits
    assert (op.wave[: window // 2] == -op.wave[window // 2 :]).all()
    assert op.wave[window // 4] == 0
    assert op.twiddle_width == twiddle


def rows(op: dft.QuantizedDft) -> list[list[int]]:
    """What a sample is multiplied with, a row for each part of each bin."""
    n, window = np.arange(op.window), op.window
    bins = range(1, op.points + 1)
    return [op.wave[(n * k + q) % window].tolist() for k in bins for q in (0, window // 4)]


@pytest.mark.parametrize("window", [16, 64, 256])
@pytest.mark.parametrize(("adc", "twiddle"), [(16, 18), (12, 10), (4, 8)])
def test_the_range_is_that_of_the_worst_windows(window, adc, twiddle):
    op = quantized(window, adc=adc, twiddle=twiddle)
    ends = op.sample.min, op.sample.max
    low = min(sum(min(c * end for end in ends) for c in row) for row in rows(op))
    high = max(sum(max(c * end for end in ends) for c in row) for row in rows(op))
    assert op.sum_range == (low, high)
    assert op.sum_width == signed_width(low, high)


def test_the_width_of_sums_at_the_usual_window():
    # 2,048 samples of 16 bits times cosines of 18 bits, the mean of |cos| being 2 / pi:
    # 11 + 15 + 16 + log2(2 / pi) bits and a sign.
    assert quantized(2048).sum_width == 43
    assert quantized(2048, twiddle=10).sum_width == 35


@pytest.mark.parametrize("window", [16, 2048])
@pytest.mark.parametrize("data", [12, 18])
@pytest.mark.parametrize(("adc", "twiddle"), [(12, 18), (12, 9), (4, 8)])
def test_parts_lose_just_what_the_data_width_asks_for(window, data, adc, twiddle):
    op = quantized(window, adc=adc, data=data, twiddle=twiddle)
    assert op.bin_width <= data
    assert op.drop >= op.sum_width - data
    if op.drop:
        assert dataclasses.replace(op, drop=op.drop - 1).bin_width > data
    else:
        assert op.bin_width == op.sum_width


@pytest.mark.parametrize(
    ("range_", "width", "drop"),
    [
        ((-8, 7), 4, 0),
        ((-8, 6), 3, 1),
        ((-8, 7), 3, 2),  # 7 / 2 rounds to 4, which 3 bits do not hold
        ((-129, 100), 8, 1),
        ((-100, 1023), 8, 4),
        ((-100, 1019), 8, 3),
    ],
)
def test_a_drop_minds_that_halves_go_up(range_, width, drop):
    assert dft.drop_of(range_, width) == drop


@given(st.integers(-(1 << 46), 0), st.integers(0, 1 << 46), st.integers(2, 18))
def test_what_is_left_behind_a_drop_fits(low, high, width):
    rest = shift_half_up(np.array([low, high]), dft.drop_of((low, high), width))
    assert rest[0] >= -(1 << (width - 1))
    assert rest[1] < 1 << (width - 1)


def test_shapes_and_formats():
    op = quantized(128, 2, adc=12, feature=7)
    assert (op.op, op.points, op.dropped) == ("dft", 64, 5)
    assert op.output.shape == (1, 64)
    assert (op.output.fmt.signed, op.output.fmt.width) == (False, 7)
    assert (op.sample.min, op.sample.max) == (-2048, 2047)
    assert len(op.cosine) == 64


def test_json_round_trip():
    op = quantized(64, -2, twiddle=11)
    again = op_from_json(json.loads(json.dumps(op.to_json())))
    assert isinstance(again, dft.QuantizedDft)
    assert again.to_json() == op.to_json()
    assert again.sum_range == op.sum_range


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("window", 63, "window must be a power of two of at least 4, not 63"),
        ("window", 2, "window must be a power of two"),
        ("window", -64, "window must be 0 to"),
        ("window", 1 << 80, "window must be 0 to"),
        ("window", 128, r"cosine must be \(64,\), not \(32,\)"),
        ("window", 64.0, "window must be an integer, not 64.0"),
        ("window", None, "window must be an integer, not None"),
        ("cosine", [], r"cosine must be \(32,\), not \(0,\)"),
        ("cosine", [[1] * 32], "cosine must be"),
        ("cosine", [[1], [1, 2]], ""),
        ("cosine", 7, "cosine must be"),
        ("cosine", [257] + [0] * 31, "cosine must be at most 256 either way"),
        ("cosine", [-257] + [0] * 31, "cosine must be at most 256 either way"),
        ("cosine", ["x"] * 32, ""),
        ("frac_bits", 7, "cosine must be at most 128 either way"),
        ("frac_bits", -1, "frac_bits must be 0 to 32, not -1"),
        ("frac_bits", 10**9, "frac_bits must be 0 to 32"),
        ("frac_bits", "8", "frac_bits must be an integer"),
        ("drop", True, "drop must be an integer, not True"),
        ("drop", -1, "drop must be 0 to 63, not -1"),
        ("drop", 64, "drop must be 0 to 63, not 64"),
        ("sample", {"signed": True}, ""),
        ("out", None, ""),
        ("colour", 1, ""),
    ],
)
def test_what_is_damaged_is_refused(field, value, text):
    damaged = quantized(64, twiddle=10).to_json() | {field: value}
    with pytest.raises(InputError, match=rf"^quantized op is damaged: .*{text}"):
        op_from_json(damaged)


@pytest.mark.parametrize("field", ["window", "cosine", "frac_bits", "drop", "sample", "scale"])
def test_a_missing_field_is_refused(field):
    damaged = quantized(64).to_json()
    del damaged[field]
    with pytest.raises(InputError, match=r"^quantized op is damaged"):
        op_from_json(damaged)


@pytest.mark.parametrize("seed", range(6))
def test_the_range_is_that_of_any_table(seed):
    """By its definition: of each bin and part what the samples' ends add up to."""
    rng = np.random.default_rng(seed)
    points = (2, 4, 8, 16, 8, 16)[seed]
    cosine = rng.integers(-64, 65, points)
    if seed > 2:  # so that the bins of few phases do not decide
        cosine[0] = cosine[points // 2] = 1
    op = dft.QuantizedDft(
        name="any", window=2 * points, sample=Format(True, 3, 0), magnitude="max-1/4", shift=0,
        out=Format(False, 8, 0), scale=1.0, cosine=cosine, frac_bits=6, drop=0,
    )  # fmt: skip
    low = high = 0
    for k in range(1, points + 1):
        for quarter in (0, points // 2):
            factors = op.wave[(np.arange(2 * points) * k + quarter) % (2 * points)]
            products = np.stack([factors * op.sample.min, factors * op.sample.max])
            low = min(low, int(np.minimum(products.min(axis=0), 0).sum()))
            high = max(high, int(np.maximum(products.max(axis=0), 0).sum()))
    assert op.sum_range == (low, high)


@pytest.mark.parametrize(("window", "fits"), [(4, True), (2, False), (6, False)])
def test_the_shortest_window(window, fits):
    fields = {
        "name": "any", "window": window, "sample": Format(True, 3, 0), "magnitude": "max-1/4",
        "shift": 0, "out": Format(False, 8, 0), "scale": 1.0, "frac_bits": 6, "drop": 0,
        "cosine": np.zeros(window // 2, dtype=np.int64),
    }  # fmt: skip
    if fits:
        assert dft.QuantizedDft(**fields).points == 2
    else:
        with pytest.raises(ValueError, match="window must be a power of two of at least 4, not"):
            dft.QuantizedDft(**fields)


@pytest.mark.parametrize("twiddle", [8, 18])
@pytest.mark.parametrize("shift", [-2, 3])
def test_the_scale_of_a_feature(twiddle, shift):
    """Sums are ``2**frac_bits`` too large, lose `drop` bits, and a feature loses `shift`."""
    bits = Precision(transform="dft", twiddle=twiddle, full_scale=4.0)
    op = front_end(dft, Spectrum("front", 64), bits, 0.5, shift)
    assert op.frac_bits == twiddle - 2
    assert op.drop > 0
    divided = 2.0 ** (op.drop - op.frac_bits + shift)
    assert op.scale == pytest.approx(
        0.5 * bits.lsb * divided / 64 / mean_gain(bits.magnitude), rel=1e-12
    )


@pytest.mark.parametrize(("field", "high"), [("window", 1 << 30), ("frac_bits", 32), ("drop", 63)])
def test_the_ends_of_the_fields(field, high):
    fields = {
        "name": "any", "window": 4, "sample": Format(True, 3, 0), "magnitude": "max-1/4",
        "shift": 0, "out": Format(False, 8, 0), "scale": 1.0, "frac_bits": 6, "drop": 0,
        "cosine": np.zeros(2, dtype=np.int64),
    }  # fmt: skip
    if field != "window":
        assert getattr(dft.QuantizedDft(**fields | {field: high}), field) == high
    for value in (high + 1, -1):
        with pytest.raises(ValueError, match=f"^{field} must be 0 to {high}, not {value}"):
            dft.QuantizedDft(**fields | {field: value})
