"""Integer dense layers against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Format
from hwgen.quantized.ops.dense import QuantizedDense


def op(rng: np.random.Generator, *, last: bool, shift: int = 0, **fields) -> QuantizedDense:
    made = {
        "name": "fc1",
        "shape": (3, 4),
        "source": Format(False, 6, 0),
        "weight": rng.integers(-15, 16, (5, 12)),
        "bias": rng.integers(-500, 500, 5),
        "weight_bits": 5,
        "relu": not last,
        "last": last,
        "shift": shift,
        "align": rng.integers(0, 4, 5) if last else np.zeros(5, dtype=np.int64),
        "out": Format(True, 20, 0) if last else Format(False, 6, 0),
        "scale": np.ones(5),
    }
    return QuantizedDense(**(made | fields))


def by_loops(op: QuantizedDense, x: np.ndarray) -> list[int]:
    """Return the exact sums of one window, flattened channel-major."""
    values = [int(x[c, p]) for c in range(op.shape[0]) for p in range(op.shape[1])]
    return [
        int(op.bias[row]) + sum(int(w) * v for w, v in zip(op.weight[row], values, strict=True))
        for row in range(len(op.bias))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_logits_are_aligned_exactly(seed):
    rng = np.random.default_rng(seed)
    layer = op(rng, last=True)
    x = rng.integers(0, 64, (4, 3, 4))
    expected = [
        [s * 2 ** int(a) for s, a in zip(by_loops(layer, window), layer.align, strict=True)]
        for window in x
    ]
    assert golden.run_op(layer, x).tolist() == expected


@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize("shift", [0, 1, 6])
def test_hidden_values_are_rounded_and_saturated(shift, relu):
    rng = np.random.default_rng(shift)
    out = Format(False, 6, 0) if relu else Format(True, 5, 0)
    layer = op(rng, last=False, shift=shift, relu=relu, out=out)
    x = rng.integers(0, 64, (20, 3, 4))
    expected = [
        [min(max((s + 2**shift // 2) // 2**shift, out.min), out.max) for s in by_loops(layer, w)]
        for w in x
    ]
    assert golden.run_op(layer, x).tolist() == expected


@pytest.mark.parametrize("value", [-1, 64])
def test_an_input_out_of_its_format_is_noticed(value):
    x = np.zeros((1, 3, 4), dtype=np.int64)
    x[0, 2, 3] = value
    with pytest.raises(OverflowError, match=r"^fc1 input must stay within \[0, 63\]"):
        golden.accumulate(op(np.random.default_rng(1), last=True), x)


class _Narrow(QuantizedDense):
    """A mistake: an accumulator narrower than the weights need."""

    accumulator = (-10, 10)


def test_a_sum_out_of_its_range_is_noticed():
    layer = _Narrow(**vars(op(np.random.default_rng(1), last=True)))
    with pytest.raises(OverflowError, match=r"^fc1 accumulator must stay within \[-10, 10\]"):
        golden.accumulate(layer, np.full((1, 3, 4), 63))


def test_a_logit_out_of_its_format_is_noticed():
    layer = op(np.random.default_rng(1), last=True, out=Format(True, 6, 0))
    with pytest.raises(OverflowError, match=r"^fc1 logits must stay within \[-64, 63\]"):
        golden.run_op(layer, np.full((1, 3, 4), 63))


def test_sums_that_floats_do_not_hold_are_refused():
    rng = np.random.default_rng(1)
    wide = Format(True, 39, 0)
    huge = op(rng, last=False, weight=np.full((5, 12), 1 << 14), source=wide, weight_bits=16)
    with pytest.raises(OverflowError, match=r"^fc1 accumulator .* is too wide to check$"):
        golden.run_op(huge, np.ones((1, 3, 4), dtype=np.int64))
