"""The rule for dense layers: folded columns, aligned rows, the narrowest logits."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format
from hwgen.network.ops.dense import Dense
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen, accumulator_range
from hwgen.quantized.ops import dense
from hwgen.quantized.ops.dense import MAX_ALIGN

SOURCE = Activations((2, 6), Format(False, 8, 0), np.array([0.01, 3.0]))
COLUMNS = np.repeat(SOURCE.scale, 6)


def layer(rng: np.random.Generator, *, spread: float = 2.0, rows: int = 6) -> Dense:
    weight = rng.normal(size=(rows, 12)) * np.exp(rng.normal(0, spread, (rows, 1)))
    return Dense("last", weight, rng.normal(size=rows))


@pytest.mark.parametrize("width", [2, 8, 16])
@pytest.mark.parametrize("last", [False, True])
def test_scales_fold_away_within_half_a_step_a_weight(last, width):
    rng = np.random.default_rng(width)
    float_layer = layer(rng)
    op = dense.quantize(float_layer, (SOURCE,), Precision(dense_weight=width), Chosen(exact=last))
    x = rng.integers(0, 256, (50, 12))
    exact = float_layer.apply(x * COLUMNS)
    fixed = ((x @ op.weight.T + op.bias) << op.align) * op.scale
    row_step = op.scale * 2.0**op.align
    bound = (x.sum(axis=1, keepdims=True) + 1) / 2 * row_step
    assert (np.abs(fixed - exact) <= bound * (1 + 1e-9)).all()
    assert np.abs(op.weight).max() <= (1 << (width - 1)) - 1


@pytest.mark.parametrize("seed", range(5))
def test_logits_of_all_rows_count_in_the_same_step(seed):
    op = dense.quantize(
        layer(np.random.default_rng(seed)), (SOURCE,), Precision(), Chosen(9, exact=True)
    )
    assert len(set(op.scale)) == 1
    assert op.shift == 0
    assert op.align.min() == 0
    assert op.align.max() <= MAX_ALIGN
    # No row loses more than a bit by the alignment, unless it is far below the coarsest.
    used = np.abs(op.weight).max(axis=1)
    assert (used[op.align > 0] > 63).all()


def test_a_row_far_finer_than_the_coarsest_is_bounded():
    weight = np.ones((2, 12)) * np.array([[1.0], [1e-9]])
    op = dense.quantize(
        Dense("last", weight, np.zeros(2)), (SOURCE,), Precision(), Chosen(exact=True)
    )
    assert op.align.tolist() == [MAX_ALIGN, 0]


def test_rows_of_one_size_need_no_alignment():
    op = dense.quantize(
        Dense("last", np.ones((3, 12)), np.zeros(3)), (SOURCE,), Precision(), Chosen(exact=True)
    )
    assert op.align.tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_logits_have_the_narrowest_format_that_holds_the_worst_case(seed):
    op = dense.quantize(
        layer(np.random.default_rng(seed)), (SOURCE,), Precision(), Chosen(exact=True)
    )
    ends = []
    for row in range(len(op.weight)):
        one = slice(row, row + 1)
        ends += [
            e << int(op.align[row])
            for e in accumulator_range(op.weight[one], op.bias[one], SOURCE.fmt)
        ]
    assert op.out.signed
    assert op.out.min <= min(ends)
    assert max(ends) <= op.out.max
    assert min(ends) < op.out.min // 2 or max(ends) > op.out.max // 2


def test_a_hidden_layer_has_the_activations_format_and_no_alignment():
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(4, 12)), rng.normal(size=4)
    bits = Precision(activation=5)
    op = dense.quantize(Dense("fc1", weight, bias, relu=True), (SOURCE,), bits, Chosen(6))
    assert op.output.fmt == Format(False, 5, 0)
    assert not op.align.any()
    assert op.shift == 6
    plain = dense.quantize(Dense("fc1", weight, bias, relu=True), (SOURCE,), bits, Chosen())
    assert (op.scale == plain.scale * 64).all()
    linear = dense.quantize(Dense("fc1", weight, bias), (SOURCE,), bits, Chosen(6))
    assert linear.output.fmt == Format(True, 4, 0)


def test_all_zero_rows():
    op = dense.quantize(
        Dense("last", np.zeros((3, 12)), np.zeros(3)), (SOURCE,), Precision(), Chosen(exact=True)
    )
    assert not op.weight.any()
    assert op.out.width >= 1


def test_each_row_s_own_range_counts_for_the_logits():
    """Coarse rows of one weight beside fine rows of many: the narrowest format for both."""
    weight = np.ones((2, 12))
    weight[0] = 0.0
    weight[0, 0] = 128.0
    source = Activations((12,), Format(False, 8, 0), np.ones(12))
    op = dense.quantize(
        Dense("last", weight, np.zeros(2)), (source,), Precision(), Chosen(exact=True)
    )
    assert op.align.tolist() == [MAX_ALIGN, 0]
    assert op.weight[0].tolist() == [127] + [0] * 11
    assert op.out == Format(True, (127 * 255 << MAX_ALIGN).bit_length(), 0)
    swapped = dense.quantize(
        Dense("last", weight[::-1], np.zeros(2)), (source,), Precision(), Chosen(exact=True)
    )
    assert swapped.out == op.out


def test_negative_logits_have_their_bit():
    source = Activations((1,), Format(False, 3, 0), np.ones(1))
    layer = Dense("last", np.array([[-1.0]]), np.zeros(1))
    op = dense.quantize(layer, (source,), Precision(dense_weight=2), Chosen(exact=True))
    # -7 to 0
    assert op.out == Format(True, 3, 0)
