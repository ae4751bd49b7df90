"""The transform's tables and plan against float, without the golden model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.quantized import fft


def entries(table: fft.Twiddles) -> np.ndarray:
    return (table.re + 1j * table.im) * 2.0**-table.frac_bits


@pytest.mark.parametrize("width", [8, 12, 18])
@pytest.mark.parametrize("period", [4, 16, 64, 2048])
def test_twiddles_are_the_nearest_integers(width, period):
    exponents = np.arange(2 * period)
    table = fft.Twiddles.of(exponents, period, width)
    exact = np.exp(-2j * np.pi * exponents / period)
    error = entries(table) - exact
    half_step = 2.0 ** -(width - 2) / 2
    assert max(np.abs(error.real).max(), np.abs(error.imag).max()) <= half_step * (1 + 1e-6)
    assert table.width == width
    limit = 1 << (width - 1)
    assert max(np.abs(table.re).max(), np.abs(table.im).max()) < limit


def test_quarter_turns_are_exact():
    table = fft.Twiddles.of(np.arange(4), 4, 10)
    assert (table.re.tolist(), table.im.tolist()) == ([256, 0, -256, 0], [0, -256, 0, 256])


def test_longest_bounds_every_entry():
    table = fft.Twiddles.of(np.arange(64), 64, 8)
    assert table.longest == np.abs(entries(table)).max() > 1


def transform(stages: tuple[fft.Stage, ...], x: np.ndarray) -> np.ndarray:
    """The plan in complex float: no rounding but the tables'."""
    for stage in stages:
        blocks = x.reshape(-1, 2, stage.span).copy()
        if stage.rotate:
            blocks[1::2, 1] *= -1j
        a, b = blocks[:, 0], blocks[:, 1]
        x = np.stack([a + b, a - b], axis=1).reshape(-1) / 2**stage.shift
        if stage.twiddles is not None:
            x = x * np.resize(entries(stage.twiddles), len(x))
    return x


@pytest.mark.parametrize("points", [8, 16, 32, 64, 256, 1024])
def test_the_plan_is_a_fourier_transform(points):
    rng = np.random.default_rng(points)
    x = rng.normal(size=points) + 1j * rng.normal(size=points)
    stages = fft.plan(points, 16, 18, 18)
    exact = np.fft.fft(x) / 2 ** sum(stage.shift for stage in stages)
    result = transform(stages, x)
    # Each of at most five tables is off by half a step of 2**-16 in each part.
    bound = 5 * np.sqrt(0.5) * 2.0**-16 * np.abs(exact).max() * 4
    assert np.abs(result - exact[fft.bit_reversed(points)]).max() < bound


@given(
    bits=st.integers(3, 9),
    adc=st.integers(4, 16),
    data=st.integers(12, 18),
    twiddle=st.integers(8, 18),
)
@settings(max_examples=40, deadline=None)
def test_no_stage_is_wider_than_the_data(bits, adc, data, twiddle):
    data = max(adc, data)
    stages = fft.plan(1 << bits, adc, data, twiddle)
    assert [stage.span for stage in stages] == [1 << bit for bit in reversed(range(bits))]
    assert [stage.rotate for stage in stages] == [bool(n % 2) for n in range(bits)]
    assert max(stage.width for stage in stages) <= data
    for stage in stages:
        assert (stage.twiddles is not None) == (stage.rotate and stage.span > 1)


def test_bits_are_dropped_only_where_they_must():
    roomy = fft.plan(64, 4, 18, 18)
    assert [stage.shift for stage in roomy] == [0] * 6
    # In 16 bits the first stage drops two: -32768 - 32768 is one step beyond the symmetric range.
    tight = fft.plan(64, 16, 16, 18)
    assert [stage.shift for stage in tight] == [2, 1, 1, 1, 1, 1]
    # 16-bit samples in 18 bits: one butterfly is free.
    assert [stage.shift for stage in fft.plan(64, 16, 18, 18)] == [0, 1, 1, 1, 1, 1]


def test_bit_reversed():
    assert fft.bit_reversed(8).tolist() == [0, 4, 2, 6, 1, 5, 3, 7]
    order = fft.bit_reversed(1024)
    assert (order[order] == np.arange(1024)).all()


def test_json_round_trip():
    stages = fft.plan(32, 16, 18, 12)
    text = json.dumps([stage.to_json() for stage in stages])
    again = [fft.Stage.from_json(value) for value in json.loads(text)]
    assert [stage.to_json() for stage in again] == [stage.to_json() for stage in stages]
    assert again[1].twiddles is not None
    assert again[1].twiddles.re.dtype == np.int64


@pytest.mark.parametrize(
    ("given", "shifts", "widths"),
    [
        ((64, 16, 18, 18), [0, 1, 1, 1, 1, 1], [18] * 6),
        ((64, 4, 18, 18), [0] * 6, [6, 7, 8, 9, 10, 11]),
        ((256, 12, 12, 8), [2] + [1] * 7, [12] * 8),
    ],
)
def test_plans(given, shifts, widths):
    stages = fft.plan(*given)
    assert [stage.shift for stage in stages] == shifts
    assert [stage.width for stage in stages] == widths
