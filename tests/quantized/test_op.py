"""Scales of rows, ranges of accumulators, and finding an op's file."""

import dataclasses
import itertools

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.dense import Dense
from hwgen.quantized import Precision
from hwgen.quantized.op import (
    MAX_BIAS,
    Activations,
    Chosen,
    QuantizedOp,
    accumulator_range,
    declared,
    depends,
    floats,
    integers,
    nearest,
    op_from_json,
    room,
    rounded_bias_bound,
    row_scales,
)
from hwgen.quantized.ops import dense
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d
from hwgen.quantized.samples import SAMPLES_DEPEND


def test_widths_that_an_op_does_not_name_cannot_decide_it():
    seen = declared(Precision(dense_weight=5, activation=6), "dense")
    assert (seen.dense_weight, seen.activation) == (5, 6)
    with pytest.raises(
        TypeError, match=r"rule of dense reads Precision\.conv_weight, which its `depends"
    ):
        _ = seen.conv_weight


def test_an_op_must_say_what_decides_it(monkeypatch):
    monkeypatch.delattr(QuantizedMaxPool1d, "depends")
    with pytest.raises(TypeError, match="QuantizedMaxPool1d must declare `depends`"):
        depends("maxpool1d")


@pytest.mark.parametrize("name", ["spectrum", "conv1d", "maxpool1d", "dense"])
def test_what_decides_an_op_are_fields_of_bits(name):
    assert set(depends(name)) <= {field.name for field in dataclasses.fields(Precision)}


def test_every_width_decides_an_op():
    named = {name for op in ("spectrum", "conv1d", "dense") for name in depends(op)}
    named |= set(SAMPLES_DEPEND)
    assert named == {field.name for field in dataclasses.fields(Precision)}


@pytest.mark.parametrize(
    ("even", "expected"), [(False, [4.0, 0.3, 0.1875]), (True, [4.0, 1.2, 6.0])]
)
def test_steps_are_raised_to_what_units_allow(even, expected):
    # By powers of two, until none is finer than its row needs; by the same ones where even.
    units = np.array([1.0, np.nan, 1.5])
    steps, bound = Chosen(units=units, even=even).stepped(np.array([3.0, 0.3, 0.1]))
    assert steps.tolist() == pytest.approx(expected)
    assert bound.tolist() == [True, False, True]


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
    assert room("hwgen.quantized.ops", "conv1d").OP.op == "conv1d"
    with pytest.raises(InputError, match=r"^op 'capsule' has no file in hwgen.golden.ops; add one"):
        room("hwgen.golden.ops", "capsule")
    with pytest.raises(InputError, match=r"^op must be a name, not '../x'"):
        room("hwgen.golden.ops", "../x")


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {}, {"op": 3}, {"op": "model"}, {"op": "dense"}, {"op": "maxpool1d", "size": 2}],
)
def test_a_damaged_op_is_refused(value):
    with pytest.raises(InputError):
        op_from_json(value)


def test_the_scale_is_what_weight_or_bias_needs():
    assert MAX_BIAS == 1 << 28
    weight = np.array([[[1.0, -6.0]], [[2.0, 3.0]], [[1.0, 0.5]]])
    scale = row_scales(weight, np.array([0.0, -900.0, 70.0]), 3, most=101)
    # 6 / 3, 900 / 100, 70 / 100 against 1 / 3
    assert scale == pytest.approx([2.0, 9.0, 0.7])
    assert row_scales(weight, np.array([0.0, -1e9, 0.0]), 3)[1] == 1e9 / (MAX_BIAS - 1)


def test_the_finest_scale_there_is():
    least = float(np.finfo(np.float64).tiny) * 2.0**64
    assert row_scales(np.full((1, 2), 5e-324), np.zeros(1), 1).tolist() == [least]
    assert row_scales(np.full((1, 2), 3 * least), np.zeros(1), 1).tolist() == [3 * least]


def test_rounding_to_the_nearest():
    rows = np.array([[0.5, -0.5, 1.49, 100.0], [1.0, -3.0, 5.0, -100.0]])
    scale = np.array([1.0, 2.0])
    got, kept = nearest(rows, scale, 7, together=True)
    assert got.tolist() == [[1, 0, 1, 7], [1, -1, 3, -7]]
    assert kept is scale


def test_the_bound_of_a_bias_that_is_rounded():
    assert rounded_bias_bound(7, Format(False, 5, 0)) == 2 * 7 * 31
    assert rounded_bias_bound(7, Format(True, 4, 0)) == 2 * 7 * 16
    assert rounded_bias_bound(1 << 20, Format(False, 16, 0)) == MAX_BIAS


def test_ranges_by_hand():
    weight, bias = np.array([[[2, -3]], [[1, 1]]]), np.array([5, -4])
    assert accumulator_range(weight, bias, Format(False, 2, 0)) == (-9, 11)
    assert accumulator_range(weight, bias, Format(True, 1, 0)) == (-8, 13)


@pytest.mark.parametrize(("make", "kind"), [(integers, np.int64), (floats, np.float64)])
def test_arrays_are_read_only(make, kind):
    given = np.array([1, 2])
    array = make(given)
    assert array.dtype == kind
    assert array.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 3
    given[0] = 9
    assert array[0] == 1


def test_json_of_an_op():
    op = QuantizedMaxPool1d("pool", 2, 3, 8, Format(False, 5, 0), np.array([0.5, 1.0, 2.0]))
    value = op.to_json()
    assert value == {
        "op": "maxpool1d", "name": "pool", "size": 2, "channels": 3, "length": 8,
        "out": Format(False, 5, 0).to_json(), "scale": [0.5, 1.0, 2.0],
    }  # fmt: skip
    again = op_from_json(value)
    assert isinstance(again, QuantizedMaxPool1d)
    assert again.to_json() == value
    assert value["op"] == "maxpool1d", "what was given stays as it is"
    assert (op.output.shape, op.output.fmt) == ((3, 4), op.out)
    assert isinstance(op.output, Activations)


def test_json_of_tuples():
    rng = np.random.default_rng(1)
    weight = rng.normal(size=(2, 6))
    source = Activations((2, 3), Format(False, 4, 0), np.ones(2))
    op = dense.quantize(Dense("d", weight, np.zeros(2)), (source,), Precision(), Chosen(exact=True))
    assert op.to_json()["shape"] == [2, 3]
    assert op_from_json(op.to_json()).shape == (2, 3)


def test_an_op_without_an_output():
    with pytest.raises(NotImplementedError):
        _ = QuantizedOp("x").output
