"""Convolutions: groups, dilation, two sides, a value that is added."""

from dataclasses import replace

import numpy as np
import pytest
from torch import from_numpy
from torch.nn import functional

from hwgen import golden
from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.conv1d import Conv1d
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import conv1d
from tests.ops.harness import Example


def layer(filters=4, channels=2, kernel=3, stride=1, padding=1, **fields):
    rng = np.random.default_rng(filters)
    weight = rng.normal(0, 1, (filters, channels, kernel))
    return Conv1d("conv", weight, rng.normal(0, 1, filters), stride, padding, **fields)


def loud(gain, **fields):
    made = layer(**fields)
    return replace(made, weight=gain * made.weight, bias=gain * made.bias)


EXAMPLES = {
    "plain": Example(layer(), ((2, 9),)),
    "strided, no ReLU": Example(layer(stride=2, padding=0, relu=False), ((2, 9),)),
    "grouped": Example(layer(6, 2, groups=3), ((6, 8),)),
    "depthwise": Example(layer(5, 1, groups=5, relu=False), ((5, 8),)),
    "dilated": Example(layer(dilation=3, padding=3), ((2, 12),)),
    "more on the right": Example(layer(padding=0, padding_right=2), ((2, 9),)),
    "more on the left": Example(layer(padding=2, padding_right=0, stride=2), ((2, 9),)),
    "residual": Example(layer(residual=True), ((2, 9), (4, 9))),
    "residual far below the sums": Example(loud(1e2, residual=True), ((2, 9), (4, 9))),
    "residual that is nothing beside": Example(loud(1e9, residual=True), ((2, 9), (4, 9))),
    "all at once": Example(
        layer(6, 2, 2, 2, 1, groups=3, dilation=2, padding_right=2, relu=False, residual=True),
        ((6, 9), (6, 5)),
    ),
}
REFUSED = (((3, 9),), ((9,),), ((2, 9), (4, 9)))


def torch_of(layer, x, *added):
    y = functional.conv1d(
        functional.pad(x, layer.sides),
        from_numpy(layer.weight.copy()),
        from_numpy(layer.bias.copy()),
        layer.stride,
        0,
        layer.dilation,
        layer.groups,
    )
    for value in added:
        y = y + value
    return functional.relu(y) if layer.relu else y


def loops_of(op, x, *added):
    filters, channels, kernel = op.weight.shape
    left, right = op.padding, op.padding if op.padding_right is None else op.padding_right
    length = op.length + left + right
    padded = [[0] * left + row + [0] * right for row in x]
    positions = (length - op.dilation * (kernel - 1) - 1) // op.stride + 1
    result = []
    for f in range(filters):
        first = f // (filters // op.groups) * channels
        row = []
        for p in range(positions):
            total = int(op.bias[f])
            for c in range(channels):
                for k in range(kernel):
                    value = padded[first + c][p * op.stride + k * op.dilation]
                    total += int(op.weight[f, c, k]) * value * 2**op.up
            for value in added:
                if op.skip_shift[f] != conv1d.LEFT_OUT:
                    total += value[f][p] * 2 ** int(op.skip_shift[f])
            row.append(total)
        result.append(row)
    return result


def test_json_is_silent_about_what_is_usual():
    assert layer().to_json().keys() == {
        "op", "name", "weight", "bias", "stride", "padding", "relu"
    }  # fmt: skip
    source = Activations((2, 9), Format(False, 8, 0), np.ones(2))
    op = conv1d.quantize(layer(), (source,), Precision(), Chosen())
    assert not op.to_json().keys() & {
        "groups", "dilation", "padding_right", "skip", "skip_shift"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"groups": 3}, "groups must divide the filters"),
        ({"groups": 0}, "conv groups"),
        ({"dilation": 0}, "conv dilation"),
        ({"padding_right": -1}, "conv padding_right"),
        ({"padding_right": 5000}, "padding must be at most 4,096, not 5,000"),
    ],
)
def test_fields_that_are_refused(fields, says):
    with pytest.raises(InputError, match=says):
        layer(**fields)


@pytest.mark.parametrize("shapes", [((2, 9),), ((2, 9), (4, 8)), ((2, 9), (4, 9), (4, 9))])
def test_what_is_added_must_have_the_shape_of_the_output(shapes):
    with pytest.raises(InputError, match=r"^conv takes \(4, 9\) values to add"):
        layer(residual=True).output_shape(*shapes)


def test_nothing_is_added_to_a_plain_convolution():
    with pytest.raises(InputError, match=r"^conv takes nothing to add"):
        layer().output_shape((2, 9), (4, 9))


SOURCE = Activations((2, 9), Format(False, 8, 0), np.array([0.01, 0.03]))


def skip(*scale):
    return Activations((4, 9), Format(False, 8, 0), np.array(scale))


def residual(*scale, **bits):
    return conv1d.quantize(
        layer(residual=True, relu=False), (SOURCE, skip(*scale)), Precision(**bits), Chosen()
    )


def test_steps_are_those_of_what_is_added_but_for_powers_of_two():
    op = residual(0.02, 0.05, 0.013, 0.04)
    assert (op.scale * 2.0**op.skip_shift == skip(0.02, 0.05, 0.013, 0.04).scale).all()
    assert (op.skip_shift > 2).all()
    # As fine as the weights allow.
    largest = np.abs(op.weight).max(axis=(1, 2))
    assert ((largest > 63) & (largest <= 127)).all()


def test_what_is_added_does_not_dwarf_the_sums():
    op = residual(1e3, 0.05, 0.013, 0.04)
    assert (255 << op.skip_shift[0]) <= 2 * 127 * 255


@pytest.mark.parametrize("step", [1e-4, 1e-6])
def test_what_is_finer_lets_products_count_more(step):
    fine, usual = residual(0.02, 0.05, step, 0.04), residual(0.02, 0.05, 0.01, 0.04)
    assert fine.up > 0
    assert fine.skip_shift.min() == fine.skip_shift[2] == 0
    assert (fine.scale * 2.0**fine.skip_shift == skip(0.02, 0.05, step, 0.04).scale).all()
    largest = np.abs(fine.weight).max(axis=(1, 2))
    assert ((largest > 63) & (largest <= 127)).all()
    assert usual.up == 0
    x = np.random.default_rng(1).integers(0, 256, (3, 2, 9))
    added = np.zeros((3, 4, 9), dtype=np.int64)
    sums = golden.accumulate(fine, x, added) * fine.scale[:, None]
    exact = layer(residual=True, relu=False).apply(x * SOURCE.scale[:, None], 0.0 * added)
    assert np.abs(sums - exact).max() < 0.05 * np.abs(exact).max()


def test_what_is_nothing_beside_is_left_out():
    fine = residual(0.02, 0.05, 1e-12, 0.04)
    assert fine.up == 0
    assert (fine.skip_shift == conv1d.LEFT_OUT).tolist() == [False, False, True, False]
    assert fine.skip_gain[2] == 0
    # A quarter of a product of ones is more.
    assert fine.scale[2] / 4 > 255 * 1e-12
    largest = np.abs(fine.weight).max(axis=(1, 2))
    assert ((largest > 63) & (largest <= 127)).all()
    x = np.random.default_rng(1).integers(0, 256, (3, 2, 9))
    added = np.full((3, 4, 9), 255)
    exact = layer(residual=True, relu=False).apply(
        x * SOURCE.scale[:, None], added * skip(0.02, 0.05, 1e-12, 0.04).scale[:, None]
    )
    sums = golden.accumulate(fine, x, added) * fine.scale[:, None]
    assert np.abs(sums - exact).max() < 0.02 * np.abs(exact).max()


def test_steps_that_are_told_are_kept():
    told = np.array([1.0, np.nan, 1.3, 1.7])
    free = conv1d.quantize(layer(), (SOURCE,), Precision(), Chosen()).scale
    bound = conv1d.quantize(layer(), (SOURCE,), Precision(), Chosen(units=told)).scale
    assert bound[1] == free[1]
    for row in (0, 2, 3):
        assert np.log2(bound[row] / told[row]) % 1 == 0
        assert free[row] <= bound[row] < 2 * free[row]
    even = conv1d.quantize(
        layer(), (SOURCE,), Precision(), Chosen(units=np.ones(4), even=True)
    ).scale
    assert (even == even[0]).all()
    assert free.max() <= even[0] < 2 * free.max()
