"""Windows by their own mean and spread."""

import math

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.normalise import METHODS, Normalise
from hwgen.quantized import Precision, reciprocal
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.samples import sampled
from tests.ops.harness import Example

EXAMPLES = {
    f"{method}, {shape}": Example(Normalise("x", method), (shape,), samples=True)
    for method in METHODS
    for shape in ((24,), (3, 16))
}
REFUSED = (((1, 2, 3),), ((),), ((1,),), ((2, 1),))


def torch_of(layer, x):
    x = x if x.ndim == 3 else x.unsqueeze(1)
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    if layer.method == "mean":
        return x - x.mean(-1, keepdim=True)
    if layer.method == "z-score":
        return (x - x.mean(-1, keepdim=True)) / x.std(-1, correction=0, keepdim=True)
    if layer.method == "max-abs":
        return x / x.abs().amax(-1, keepdim=True)
    unsigned = (x - low) / (high - low)
    return unsigned if layer.method == "min-max" else 2 * unsigned - 1


def loops_of(op, x):
    return [_row(op, row) for row in (x if isinstance(x[0], list) else [x])]


def _row(op, x):
    """One channel in Python's integers, written from the op's own words."""
    length, low, high, total = len(x), min(x), max(x), sum(x)
    if op.method in ("mean", "z-score"):
        numbers = [_half_up(length * v - total, op.mean_shift) for v in x]
    else:
        less = {"max-abs": 0, "min-max": low, "min-max-signed": low + high}[op.method]
        numbers = [op.factor * v - less for v in x]
    if op.method == "mean":
        return numbers
    if op.method == "z-score":
        spread, step = length * sum(v * v for v in x) - total * total, 2
    else:
        spread, step = max(map(abs, x)) if op.method == "max-abs" else high - low, 1
    if spread == 0:
        return [0] * length
    k = (op.spread_width - spread.bit_length()) // step
    entry = _entry(spread, op.method == "z-score")
    most = 1 << 17
    return [entry * min(max(_half_up(v << k, op.number_shift), -most), most - 1) for v in numbers]


def _entry(spread, root):
    """The table's entry for a number, from the number itself."""
    exponent = spread.bit_length() - 1
    if root:
        exponent -= exponent % 2
    mantissa = spread / 2**exponent
    fine = 512 if root and mantissa < 2 else 256 if root else 1024
    middle = (math.floor(mantissa * fine) + 0.5) / fine
    return math.floor(2**16 / (math.sqrt(middle) if root else middle) + 0.5)


def _half_up(value, shift):
    return value if shift == 0 else (value + (1 << shift - 1)) >> shift


@pytest.mark.parametrize("root", [False, True])
@pytest.mark.parametrize("width", [6, 12, 13, 30])
def test_reciprocals_are_within_their_error(root, width):
    width += root * (width % 2)
    rng = np.random.default_rng(width)
    drawn = np.arange(64), 1 << rng.integers(0, width, 99), rng.integers(0, 1 << width, 2000)
    numbers = np.unique(np.concatenate(drawn) % (1 << width))[1:]
    count, entries = reciprocal.normalised(numbers, width, root=root)
    ones = 2.0 ** (width // 2 - 1 if root else width - 1)
    got = entries / 2.0**reciprocal.FRACTION * 2.0**count / ones
    exact = 1 / np.sqrt(numbers) if root else 1 / numbers
    assert np.abs(got / exact - 1).max() <= reciprocal.ERROR
    assert np.abs(got / exact - 1).max() > reciprocal.ERROR / 4
    assert (entries < 1 << reciprocal.FRACTION).all()
    assert reciprocal.normalised(np.array([0]), width, root=root)[1] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("samples", [64, 100, 1000, 2048])
@pytest.mark.parametrize("loud", [1.0, 0.01])
def test_values_are_near_those_of_floats(method, samples, loud):
    """Also of quiet windows: of a few steps of the converter."""
    bits = Precision(adc=12, feature=12)
    layer = Normalise("x", method)
    rng = np.random.default_rng(samples)
    x = np.rint(rng.normal(300, 500, (8, samples)) * loud).clip(-2048, 2047).astype(np.int64)
    source = sampled((samples,), bits, 1.0)
    op = integer_op(layer, (source,), bits, Chosen())
    most = int(np.abs(golden.accumulate(op, x)).max()).bit_length()
    op = op.shifted(max(0, most - op.out.width + op.out.signed))
    got = golden.run_op(op, x) * op.scale[:, np.newaxis]
    exact = layer.apply(x * source.scale[0])
    step = op.scale[0]
    peak = np.abs(exact).max()
    # Half a step of the output, the reciprocal's error, and the mean's rounding.
    one = source.scale[0] if method == "mean" else 1 / x.std(axis=-1).min()
    bound = 0.502 * step + peak * (0 if method == "mean" else reciprocal.ERROR) + one / 16
    if not op.centred:
        bound = 0.502 * step + peak * reciprocal.ERROR
    assert np.abs(got - exact).max() <= bound


def test_a_constant_window_is_zero_all_through():
    for method in METHODS:
        layer = Normalise("x", method)
        x = np.full((1, 37), 5 if method != "max-abs" else 0)
        assert (layer.apply(x * 0.1) == 0).all()
        op = integer_op(layer, (sampled((37,), Precision(), 1.0),), Precision(), Chosen(3))
        assert (golden.run_op(op, x) == 0).all()


@pytest.mark.parametrize("adc", [4, 8, 16])
@pytest.mark.parametrize("samples", [2, 3, 1 << 14])
@pytest.mark.parametrize("method", METHODS)
def test_the_largest_and_the_smallest_numbers_fit(adc, samples, method):
    bits = Precision(adc=adc)
    op = integer_op(Normalise("x", method), (sampled((samples,), bits, 1.0),), bits, Chosen())
    low, high = op.sample.min, op.sample.max
    x = np.array([np.full(samples, low), np.full(samples, high), np.resize([low, high], samples),
                  np.eye(1, samples)[0] * high, np.eye(1, samples)[0] * low,
                  np.eye(1, samples)[0]]).astype(np.int64)  # fmt: skip
    assert golden.accumulate(op, x).tolist() == [loops_of(op, row.tolist()) for row in x]


def test_what_cannot_be_is_named():
    with pytest.raises(InputError, match=r"x method must be one of mean, z-score.*'median'"):
        Normalise("x", "median")
    with pytest.raises(InputError, match=r"at most 16384 samples.*not 16385"):
        integer_op(
            Normalise("x", "mean"), (sampled((16385,), Precision(), 1.0),), Precision(), Chosen()
        )
    assert (
        Format(False, 8, 0)
        == integer_op(
            Normalise("x", "min-max"),
            (sampled((9,), Precision(), 1.0),),
            Precision(feature=8),
            Chosen(),
        ).output.fmt
    )
