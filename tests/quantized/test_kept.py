"""Integers and steps of a training."""

from fractions import Fraction

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.golden.requantize import requantize
from hwgen.network.grid import Grid
from hwgen.quantized import kept


def wanted(sums, base, bias, grid):
    """Return the integers of a grid, in exact fractions."""
    found = np.empty(sums.shape, dtype=np.int64)
    for place, value in np.ndenumerate(sums):
        row = place[0]
        real = Fraction(int(value)) * Fraction(base[row]) + Fraction(bias[row])
        ratio = real / Fraction(grid.steps(len(base))[row])
        below = ratio.numerator // ratio.denominator
        rest = ratio - below
        half = Fraction(1, 2)
        up = {
            "even": rest > half or (rest == half and below % 2 == 1),
            "up": rest >= half,
            "down": rest > half,
            "floor": False,
            "ceil": rest > 0,
        }[grid.rounding]
        found[place] = min(max(below + up, grid.low), grid.high)
    return found


@pytest.mark.parametrize("rounding", ["even", "up", "down", "floor", "ceil"])
@pytest.mark.parametrize("down", [0, 1, 5])
@pytest.mark.parametrize("bias", ["none", "whole", "parts", "mixed"])
def test_every_sum_becomes_the_integer_that_the_file_means(rounding, down, bias):
    base = 2.0 ** np.array([-6, -6, -7, -5])
    grid = Grid((2.0 ** (down - 5),), -64, 63, rounding)
    parts = {
        "none": np.zeros(4),
        "whole": base * [3, -4, 7, 1],
        "parts": base * [0.3, -0.75, 5.01, 0.5],
        "mixed": base * [0.0, 0.25, 2.0, -1.9],
    }
    rows = np.ones((4, 1), dtype=np.int64)
    found = kept.rescaled("conv", rows, base, parts[bias], grid)
    assert found.drift == 0
    x = np.arange(-700, 701)[np.newaxis] * np.ones((4, 1), dtype=np.int64)
    sums = found.weight * x + found.bias[:, np.newaxis]
    got = requantize(sums, found.shift, kept.out_format(grid), even=found.even)
    np.testing.assert_array_equal(got, wanted(x, base, parts[bias], grid))


def test_no_width_more_than_needed():
    rows = np.array([[7, -3], [1, 2]])
    found = kept.rescaled("conv", rows, np.array([0.25, 0.25]), np.zeros(2), Grid((1.0,), 0, 15))
    assert (found.bits, found.shift, found.even) == (4, 2, True)
    np.testing.assert_array_equal(found.weight, rows)


@pytest.mark.parametrize("bits", [2, 4, 6])
def test_a_factor_is_as_near_as_it_says(bits):
    rng, top = np.random.default_rng(4), (1 << (bits - 1)) - 1
    rows = rng.integers(-top, top + 1, (5, 9))
    base, grid = rng.uniform(0.01, 0.05, 5), Grid((0.3,), 0, 15)
    found = kept.rescaled("conv", rows, base, np.zeros(5), grid)
    assert found.bits <= kept.WIDEST
    real = found.weight * found.step[:, np.newaxis] / base[:, np.newaxis]
    alive = rows != 0
    off = np.abs(real[alive] / rows[alive] - 1).max() * 15
    np.testing.assert_allclose(off, found.drift, rtol=1e-6)
    assert 0 < found.drift < kept.DRIFT


def test_what_no_factor_reaches_is_refused_with_the_way_out():
    rows = np.full((1, 1), 127)
    with pytest.raises(InputError, match=r"^conv has weights and .* off by 0\.\d+ steps .*drop"):
        kept.rescaled("conv", rows, np.array([0.0371]), np.zeros(1), Grid((0.0817,), 0, 255))


def test_weights_that_are_no_integers_or_too_wide_are_refused():
    base = np.array([0.5])
    np.testing.assert_array_equal(kept.trained("c", np.array([[1.0, -3.5]]), base), [[2, -7]])
    with pytest.raises(InputError, match="steps are not powers of two apart"):
        kept.trained("c", np.array([[1.0, 0.3]]), base)
    with pytest.raises(InputError, match="c needs weights of 17 bits"):
        kept.trained("c", np.array([[0.5 * 40_000]]), base)


def test_logits_have_one_step_or_are_refused():
    rows = np.array([[7, 1], [-7, 3]])
    whole, step = kept.comparable("fc", rows, np.array([0.5, 0.125]))
    np.testing.assert_array_equal(whole, [[28, 4], [-7, 3]])
    np.testing.assert_array_equal(step, [0.125, 0.125])
    near, step = kept.comparable("fc", rows, np.array([0.1, 0.0371]))
    np.testing.assert_allclose(near * step[:, np.newaxis], rows * [[0.1], [0.0371]], rtol=1e-3)
    with pytest.raises(InputError, match=r"one scale for all of them \(per tensor\)"):
        kept.comparable("fc", 4000 * rows, np.array([0.1, 0.0371]))


def test_steps_that_others_want():
    rows = np.array([[3], [1]])
    whole, step = kept.levelled("c", rows, np.array([0.5, 2.0]), np.ones(2), even=True)
    np.testing.assert_array_equal(whole, [[3], [4]])
    np.testing.assert_array_equal(step, [0.5, 0.5])
    with pytest.raises(InputError, match="not whole multiples of one step"):
        kept.levelled("c", rows, np.array([0.5, 0.7]), np.ones(2), even=True)
