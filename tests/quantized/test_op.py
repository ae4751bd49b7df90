"""Scales of rows, ranges of accumulators, and finding an op's file."""

import itertools

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.quantized.op import MAX_BIAS, accumulator_range, op_from_json, room, row_scales


def test_the_largest_weight_of_every_row_reaches_the_end():
    weight = np.random.default_rng(1).normal(size=(5, 2, 7)) * 10.0 ** np.arange(5)[:, None, None]
    scale = row_scales(weight, np.zeros(5), 127)
    assert np.abs(weight / scale[:, None, None]).max(axis=(1, 2)) == pytest.approx(127)


def test_a_huge_bias_makes_the_weights_coarser():
    weight = np.full((2, 3), 0.5)
    scale = row_scales(weight, np.array([1e9, -1e12]), 127)
    assert np.abs(np.array([1e9, -1e12]) / scale).max() < MAX_BIAS
    assert (scale > 0.5 / 127).all()


def test_a_dead_row_has_a_finite_scale():
    weight = np.zeros((3, 4))
    scale = row_scales(weight, np.array([0.0, 1e-320, 5e-324]), 127)
    assert (scale > 0).all()
    assert np.isfinite(np.array([0.0, 1e-320, 5e-324]) / scale).all()


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_a_dead_row_is_no_coarser_than_the_others(size):
    weight = np.array([[0.0, 0.0], [size, 0.0], [0.0, 3 * size]])
    scale = row_scales(weight, np.zeros(3), 127)
    assert scale[0] == scale[1] == pytest.approx(size / 127)
    assert row_scales(np.zeros((2, 3)), np.zeros(2), 127).tolist() == [1.0, 1.0]


def test_rows_of_tiny_weights_do_not_overflow():
    weight = np.full((1, 4), 5e-324)
    scale = row_scales(weight, np.zeros(1), 127)
    assert np.isfinite(weight / scale).all()
    assert np.isfinite(1.0 / scale).all()


@pytest.mark.parametrize("fmt", [Format(False, 2, 0), Format(True, 1, 0), Format(True, 2, 0)])
@pytest.mark.parametrize("seed", range(4))
def test_accumulator_range_is_met_and_never_left(fmt, seed):
    rng = np.random.default_rng(seed)
    weight = rng.integers(-3, 4, (3, 3))
    bias = rng.integers(-5, 6, 3)
    partial = []
    for x in itertools.product(range(fmt.min, fmt.max + 1), repeat=3):
        for row, start in zip(weight, bias, strict=True):
            terms = [int(start)] + [int(w * v) for w, v in zip(row, x, strict=True)]
            for order in itertools.permutations(terms):
                partial += itertools.accumulate(order)
    low, high = accumulator_range(weight, bias, fmt)
    assert (low, high) == (min(0, *partial), max(0, *partial))


def test_room():
    assert room("hwgen.quantized", "conv1d").OP.op == "conv1d"
    with pytest.raises(InputError, match=r"^op 'lstm' has no file in hwgen.golden; add one"):
        room("hwgen.golden", "lstm")
    with pytest.raises(InputError, match=r"^op must be a name, not '../x'"):
        room("hwgen.golden", "../x")


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {}, {"op": 3}, {"op": "model"}, {"op": "dense"}, {"op": "maxpool1d", "size": 2}],
)
def test_a_damaged_op_is_refused(value):
    with pytest.raises(InputError):
        op_from_json(value)
