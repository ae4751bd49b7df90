"""The rule for a convolution: folded scales give the float layer back."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.network.ops.conv1d import Conv1d
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import MAX_BIAS, Chosen
from hwgen.quantized.ops import conv1d

SOURCE = Activations((2, 20), Format(False, 8, 0), np.array([0.01, 3.0]))


def layer(rng: np.random.Generator, *, relu: bool = True, bias: float = 1.0) -> Conv1d:
    weight = rng.normal(size=(3, 2, 5)) * np.array([1.0, 1e-3, 50.0])[:, None, None]
    return Conv1d("conv1", weight, rng.normal(0, bias, 3), 2, 1, relu)


@pytest.mark.parametrize("bias", [0.0, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("width", [2, 8, 16])
def test_scales_fold_away_within_half_a_step_a_weight(bias, width):
    rng = np.random.default_rng(width)
    float_layer = layer(rng, relu=False, bias=bias)
    op = conv1d.quantize(float_layer, (SOURCE,), Precision(conv_weight=width), Chosen())
    x = rng.integers(0, 256, (4, 2, 20))
    exact = float_layer.apply(x * SOURCE.scale[:, None])
    integer = Conv1d("i", op.weight, op.bias, 2, 1, relu=False).apply(x.astype(float))
    error = np.abs(integer * op.scale[:, None] - exact)
    # Weights and bias are each off by half a step of their row at most.
    ones = Conv1d("i", np.ones((1, 2, 5)), np.zeros(1), 2, 1, relu=False).apply(x.astype(float))
    assert (error <= (ones + 1) / 2 * op.scale[:, None] * (1 + 1e-9)).all()
    assert np.abs(op.weight).max() <= (1 << (width - 1)) - 1
    assert np.abs(op.bias).max() < MAX_BIAS


def test_every_filter_uses_all_its_bits():
    op = conv1d.quantize(layer(np.random.default_rng(1)), (SOURCE,), Precision(), Chosen())
    assert np.abs(op.weight).max(axis=(1, 2)).tolist() == [127, 127, 127]


def test_a_dead_filter_stays_dead():
    dead = Conv1d("conv1", np.zeros((2, 2, 3)), np.array([0.0, -2.0]), 1, 0)
    op = conv1d.quantize(dead, (SOURCE,), Precision(), Chosen())
    assert not op.weight.any()
    assert op.bias[0] == 0
    assert op.bias[1] < 0


def test_output_is_unsigned_exactly_behind_a_relu():
    rng = np.random.default_rng(2)
    bits = Precision(activation=6)
    with_relu = conv1d.quantize(layer(rng), (SOURCE,), bits, Chosen(3))
    without = conv1d.quantize(layer(rng, relu=False), (SOURCE,), bits, Chosen(3))
    assert with_relu.output.fmt == Format(False, 6, 0)
    assert without.output.fmt == Format(True, 5, 0)
    assert with_relu.output.shape == (3, 9)


def test_the_shift_goes_into_the_scale():
    float_layer = layer(np.random.default_rng(3))
    plain = conv1d.quantize(float_layer, (SOURCE,), Precision(), Chosen())
    shifted = conv1d.quantize(float_layer, (SOURCE,), Precision(), Chosen(5))
    assert (shifted.scale == plain.scale * 32).all()
    assert (shifted.weight == plain.weight).all()
