"""Products of two convolutions."""

import numpy as np
import pytest
from torch import from_numpy
from torch.nn import functional

from hwgen.calibration.factors import WORTH
from hwgen.calibration.fit import Method, Reached, fit, fit_shifts
from hwgen.calibration.shift import by_max
from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.golden.ops.bilinear1d import accumulate, rounded
from hwgen.golden.ops.bilinear1d import factors as bilinear
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.quantized import Activations, Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import bilinear1d
from tests.ops.harness import Example


def layer(filters=4, channels=2, kernel=3, stride=1, padding=1, *, tiny=1.0, **fields):
    rng = np.random.default_rng(filters)
    shape = filters, channels, kernel
    weights = rng.normal(0, 1, shape), rng.normal(0, 1, filters)
    near_one = tiny * rng.normal(0, 1, shape), 1 + tiny * rng.normal(0, 1, filters)
    return Bilinear1d("conv", *weights, *near_one, stride, padding, **fields)


EXAMPLES = {
    "plain": Example(layer(), ((2, 9),)),
    "one filter, strided": Example(layer(1, stride=2, padding=0), ((2, 9),)),
    "dilated": Example(layer(dilation=3, padding=3), ((2, 12),)),
    "more on the right": Example(layer(padding=0, padding_right=2), ((2, 9),)),
    "a factor near one": Example(layer(tiny=0.01), ((2, 9),)),
    "dense": Example(layer(3, 4, 1, 1, 0, flat=True), ((4,),)),
    "dense, of all positions": Example(layer(3, 2, 5, 1, 0, flat=True), ((2, 5),)),
}
REFUSED = (((3, 9),), ((9,),), ((2, 0),))


def torch_of(layer, x):
    x = x if x.ndim == 3 else x[..., None]

    def half(weight, bias):
        weights = from_numpy(weight.copy()), from_numpy(bias.copy())
        padded = functional.pad(x, layer.halves[0].sides)
        return functional.conv1d(padded, *weights, layer.stride, 0, layer.dilation)

    y = half(layer.weight_r, layer.bias_r) * half(layer.weight_g, layer.bias_g)
    return y[..., 0] if layer.flat else y


def loops_of(op, x):
    left, right = op.sides
    x = x if isinstance(x[0], list) else [[value] for value in x]
    padded = [[0] * left + row + [0] * right for row in x]

    def factor(row, p):
        total = int(op.bias[row])
        for c, channel in enumerate(padded):
            for k in range(op.weight.shape[2]):
                total += int(op.weight[row, c, k]) * channel[p * op.stride + k * op.dilation]
        half = 1 << (op.down - 1) if op.down else 0
        return min(max((total + half) >> op.down, op.factor.min), op.factor.max)

    positions = (len(padded[0]) - op.reach) // op.stride + 1
    if op.flat:
        return [factor(f, 0) * factor(op.filters + f, 0) for f in range(op.filters)]
    return [
        [factor(f, p) * factor(op.filters + f, p) for p in range(positions)]
        for f in range(op.filters)
    ]


SOURCE = Activations((2, 9), Format(True, 7, 0), np.array([0.01, 0.03]))


@pytest.mark.parametrize("tiny", [0.1, 1e-2, 1e-3, 1e-4])
def test_small_weights_lose_nothing_to_a_bias_of_one(tiny):
    """What rounding of weights is worth is below what that of the factors is."""
    made = layer(tiny=tiny)
    x = np.random.default_rng(1).integers(-128, 128, (50, 2, 9))
    op = fit_shifts(integer_op(made, (SOURCE,), Precision(), Chosen()), (x,), Method("max")).op
    exact = made.halves[1].apply(x * SOURCE.scale[:, None])
    off = exact - bilinear(op, x)[:, 4:] * op.unit[4:, None]
    largest = np.abs(op.weight[4:]).max(axis=(1, 2))
    step = op.unit[4:] * 2.0**op.down
    assert ((largest == 127) | (off.std(axis=(0, 2)) < step)).all()


def test_a_row_without_weights_is_no_finer_than_the_factor():
    """One such row would else take the bits of all others: they share the division."""
    rng = np.random.default_rng(2)
    weights = rng.normal(0, 1, (2, 2, 2, 1))
    weights[1, 1] = 0.0
    made = Bilinear1d("q", weights[0], np.zeros(2), weights[1], np.ones(2), 1, 0, flat=True)
    flat = Activations((2,), Format(True, 7, 0), np.array([0.01, 0.01]))
    x = rng.integers(-128, 128, (200, 2))
    op = fit_shifts(integer_op(made, (flat,), Precision(), Chosen()), (x,), Method("mse")).op
    assert abs(op.bias[3]) < 2**15
    exact = made.apply(x * 0.01)
    error = exact - rounded(op, accumulate(op, x)) * op.scale
    assert (error.std(axis=0) < 0.03 * exact.std(axis=0)).all()


def test_a_bias_that_dwarfs_all_sums_coarsens_the_weights():
    op = bilinear1d.quantize(layer(tiny=1e-12), (SOURCE,), Precision(), Chosen())
    most = (2**15 - 1) * 2**8
    assert (np.abs(op.bias[4:]) <= most).all()
    assert (op.weight[4:] == 0).all()


def test_steps_that_are_told_are_kept():
    told = np.array([1.0, np.nan, 1.3, 1.7])
    free = bilinear1d.quantize(layer(), (SOURCE,), Precision(), Chosen()).scale
    bound = bilinear1d.quantize(layer(), (SOURCE,), Precision(), Chosen(units=told)).scale
    assert bound[1] == pytest.approx(free[1])
    for row in (0, 2, 3):
        assert np.log2(bound[row] / told[row]) % 1 == pytest.approx(0, abs=1e-9)
        assert free[row] <= bound[row] * (1 + 1e-12) < 2 * free[row]


def test_factors_and_products_are_fitted_one_after_the_other():
    x = np.random.default_rng(1).integers(-128, 128, (50, 2, 9))
    made = integer_op(layer(tiny=0.01), (SOURCE,), Precision(), Chosen())
    op = fit_shifts(made, (x,), Method("max")).op
    sums = bilinear(op, x)
    largest = 1 << (op.factor.width - 1)
    assert op.down == min(n for n in range(40) if (np.abs(sums) + 2**n // 2 >> n).max() < largest)
    assert op.scale == pytest.approx(op.unit[:4] * op.unit[4:] * 2.0 ** (2 * op.down + op.shift))
    chosen = Chosen(op.shift, op.down, op.factor_bits)
    again = integer_op(layer(tiny=0.01), (SOURCE,), Precision(), chosen)
    assert (again.scale == op.scale).all()
    assert again.factor == op.factor


@pytest.mark.parametrize("tiny", [1.0, 0.1, 0.01, 1e-3])
def test_factors_have_the_bits_that_the_product_has_a_use_for(tiny):
    x = np.random.default_rng(1).integers(-128, 128, (50, 2, 9))
    widest = integer_op(layer(tiny=tiny), (SOURCE,), Precision(), Chosen())
    assert widest.factor == Format(True, 15, 0)
    op = fit_shifts(widest, (x,), Method("max")).op
    one, other = np.split(bilinear(op, x), 2, axis=1)
    exact = one * other / 4.0**op.down / 2.0**op.shift

    def error(width):
        made = factored_of(widest, x, width)
        products = accumulate(made, x) * 4.0 ** (made.down - op.down) / 2.0**op.shift
        return np.mean((products - exact) ** 2)

    worth = error(16) + WORTH / 12 * 1.001
    assert 8 < op.factor.width <= 16
    assert error(op.factor.width) <= worth < error(op.factor.width - 1)


def factored_of(op, x, width):
    fmt = Format.of_width(width, signed=True, frac_bits=0)
    return op.eased(by_max(bilinear(op, x), fmt), fmt)


def test_weights_of_other_shapes_are_refused():
    weights = np.ones((2, 1, 3)), np.ones(2), np.ones((2, 1, 4)), np.ones(2)
    with pytest.raises(InputError, match=r"weight_r \(2, 1, 3\) and weight_g \(2, 1, 4\)"):
        Bilinear1d("q", *weights, 1, 0)
    with pytest.raises(InputError, match=r"q g\.bias must have one value a filter"):
        Bilinear1d("q", np.ones((2, 1, 3)), np.ones(2), np.ones((2, 1, 3)), np.ones(3), 1, 0)


def test_a_dense_one_sees_all_positions():
    with pytest.raises(InputError, match="conv must see all positions, not 3"):
        layer(3, 2, 3, 1, 0, flat=True).output_shape((2, 5))


def test_weights_of_factors_are_rounded_together_and_their_biases_made_right():
    """Neighbouring inputs are alike: what one weight's rounding does, others make up for."""
    rng = np.random.default_rng(3)
    x = rng.normal(0, 20, (400, 1, 48)).cumsum(axis=2)
    x = np.clip(np.round(x * 100 / np.abs(x).max()), -128, 127).astype(np.int64)
    source = Activations((1, 48), Format(True, 7, 0), np.array([0.02]))
    made = layer(6, 1, 12, padding=0, tiny=0.05)
    reached = Reached((source,), (x,), (x * 0.02,))
    exact = [half.apply(x * 0.02) for half in made.halves]
    few = Precision(conv_weight=4)

    def errors(rounding):
        op = fit(made, reached, few, Method("max", rounding), Chosen()).op
        sums = bilinear(op, x) * op.unit[:, None]
        found = np.concatenate(exact, axis=1) - sums
        return found.std(axis=(0, 2)), np.abs(found.mean(axis=(0, 2))) / op.unit

    (nearest, _), (together, means) = errors("nearest"), errors("compensated")
    assert np.median(together / nearest) < 0.7
    assert (means < 1).all()  # steps of a bias
