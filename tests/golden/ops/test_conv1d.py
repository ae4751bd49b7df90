"""Integer convolution against plain loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwgen import golden
from hwgen.fixedpoint import Format
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def op(
    rng: np.random.Generator,
    *,
    filters: int = 3,
    channels: int = 2,
    kernel: int = 4,
    length: int = 12,
    stride: int = 2,
    padding: int = 1,
    relu: bool = True,
    shift: int = 4,
) -> QuantizedConv1d:
    return QuantizedConv1d(
        name="conv1",
        length=length,
        source=Format(False, 6, 0),
        weight=rng.integers(-15, 16, (filters, channels, kernel)),
        bias=rng.integers(-500, 500, filters),
        weight_bits=5,
        stride=stride,
        padding=padding,
        relu=relu,
        shift=shift,
        out=Format(False, 5, 0) if relu else Format(True, 4, 0),
        scale=np.ones(filters),
    )


def by_loops(op: QuantizedConv1d, x: np.ndarray) -> list:
    """Return the exact sums of one window."""
    filters, channels, kernel = op.weight.shape
    sums = []
    for f in range(filters):
        row = []
        for start in range(-op.padding, op.length + op.padding - kernel + 1, op.stride):
            total = int(op.bias[f])
            for c in range(channels):
                for k in range(kernel):
                    if 0 <= start + k < op.length:
                        total += int(x[c, start + k]) * int(op.weight[f, c, k])
            row.append(total)
        sums.append(row)
    return sums


@given(
    seed=st.integers(0, 2**32 - 1),
    filters=st.integers(1, 4),
    channels=st.integers(1, 3),
    kernel=st.integers(1, 7),
    length=st.integers(1, 16),
    stride=st.integers(1, 5),
    padding=st.integers(0, 6),
    relu=st.booleans(),
    shift=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_against_loops(*, seed, filters, channels, kernel, length, stride, padding, relu, shift):
    assume(padding < kernel <= length + 2 * padding)
    rng = np.random.default_rng(seed)
    layer = op(
        rng,
        filters=filters,
        channels=channels,
        kernel=kernel,
        length=length,
        stride=stride,
        padding=padding,
        relu=relu,
        shift=shift,
    )
    x = rng.integers(0, 64, (2, channels, length))
    sums = [by_loops(layer, window) for window in x]
    assert golden.accumulate(layer, x).tolist() == sums
    low, high = (0, 31) if relu else (-16, 15)
    half = 2**shift // 2
    expected = [
        [[min(max((s + half) // 2**shift, low), high) for s in row] for row in window]
        for window in sums
    ]
    assert golden.run_op(layer, x).tolist() == expected


def test_no_sum_leaves_its_range_at_the_worst_input():
    layer = op(np.random.default_rng(1), padding=0)
    low, high = layer.accumulator
    for row in layer.weight:
        for sign in (1, -1):
            worst = np.zeros((1, 2, 12), dtype=np.int64)
            worst[0, :, :4] = np.where(sign * row > 0, 63, 0)
            sums = golden.accumulate(layer, worst)[0, :, 0]
            assert low <= sums.min()
            assert sums.max() <= high


@pytest.mark.parametrize("value", [-1, 64])
def test_an_input_out_of_its_format_is_noticed(value):
    layer = op(np.random.default_rng(1))
    x = np.zeros((1, 2, 12), dtype=np.int64)
    x[0, 1, 11] = value
    with pytest.raises(OverflowError, match=r"^conv1 input must stay within \[0, 63\]"):
        golden.accumulate(layer, x)


class _Narrow(QuantizedConv1d):
    """A mistake: an accumulator narrower than the weights need."""

    accumulator = (-100, 100)


class _Wide(QuantizedConv1d):
    accumulator = (0, 1 << 52)


def test_a_sum_out_of_its_range_is_noticed():
    fields = vars(op(np.random.default_rng(1)))
    x = np.full((1, 2, 12), 63)
    with pytest.raises(OverflowError, match=r"^conv1 accumulator must stay within \[-100, 100\]"):
        golden.accumulate(_Narrow(**fields), x)
    with pytest.raises(OverflowError, match=r"too wide to check$"):
        golden.accumulate(_Wide(**fields), x)


def test_sums_are_exact_where_single_precision_is_not():
    layer = dataclasses.replace(
        op(np.random.default_rng(2), channels=1, kernel=1, stride=1, padding=0, length=1),
        source=Format(False, 16, 0),
        weight=np.array([[[32767]], [[32767]], [[-32767]]]),
        bias=np.array([(1 << 28) - 1, 2, -3]),
    )
    got = golden.accumulate(layer, np.array([[[65535]]]))
    assert got.ravel().tolist() == [
        65535 * 32767 + (1 << 28) - 1,
        65535 * 32767 + 2,
        -65535 * 32767 - 3,
    ]
