"""Grids of values."""

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.network.grid import ROUNDINGS, Grid

HALVES = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.4, 0.6, -0.4, -0.6])


@pytest.mark.parametrize(
    ("rounding", "wanted"),
    {
        "even": [-2, -2, 0, 0, 2, 2, 0, 1, 0, -1],
        "odd": [-3, -1, -1, 1, 1, 3, 0, 1, 0, -1],
        "up": [-2, -1, 0, 1, 2, 3, 0, 1, 0, -1],
        "down": [-3, -2, -1, 0, 1, 2, 0, 1, 0, -1],
        "floor": [-3, -2, -1, 0, 1, 2, 0, 0, -1, -1],
        "ceil": [-2, -1, 0, 1, 2, 3, 1, 1, 0, 0],
    }.items(),
)
def test_roundings(rounding, wanted):
    grid = Grid((0.25,), -8, 7, rounding)
    np.testing.assert_array_equal(grid.integers(HALVES[np.newaxis, np.newaxis] / 4)[0, 0], wanted)
    np.testing.assert_array_equal(
        grid.apply(HALVES[np.newaxis, np.newaxis] / 4)[0, 0], np.array(wanted) / 4
    )
    assert len(ROUNDINGS) == 6


@pytest.mark.parametrize(
    ("ends", "width", "whole"),
    [
        ((0, 15), 4, (0, 15)),
        ((0, 14), 4, (0, 15)),
        ((-8, 7), 4, (-8, 7)),
        ((-7, 7), 4, (-8, 7)),
        ((-100, 155), 9, (-256, 255)),
        ((-1, 1), 2, (-2, 1)),
        ((-8, 0), 4, (-8, 7)),
        ((0, 65535), 16, (0, 65535)),
    ],
)
def test_width_and_whole_range(ends, width, whole):
    grid = Grid((1.0,), *ends)
    assert grid.width == width
    assert (grid.whole.low, grid.whole.high) == whole
    assert grid.is_whole == (ends == whole)


def test_what_a_relu_and_another_grid_leave():
    assert Grid((1.0,), -8, 7).rectified("x") == Grid((1.0,), 0, 7)
    assert Grid((1.0,), -8, 7).within(Grid((1.0,), 0, 15, "floor")) == Grid((1.0,), 0, 7, "floor")


def test_nothing_but_zeros_is_refused_by_name():
    with pytest.raises(InputError, match="nothing but zeros of conv, quantised from -8 to 0"):
        Grid((1.0,), -8, 0).rectified("conv")


def test_a_sum_of_floats_that_misses_a_border_is_on_it():
    x = np.array([[[0.1 + 0.2 - 0.3, 0.7 + 0.1 + 0.2 - 0.5]]])
    assert (x != [0.0, 0.5]).any()
    np.testing.assert_array_equal(Grid((1.0,), -8, 7, "ceil").integers(x), [[[0, 1]]])
    np.testing.assert_array_equal(Grid((1.0,), -8, 7, "floor").integers(-x), [[[0, -1]]])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (((0.0,), 0, 1), "must be positive numbers"),
        (((), 0, 1), "must be positive numbers"),
        (((float("inf"),), 0, 1), "must be positive numbers"),
        (((1.0,), 1, 2), "must have 0 among them"),
        (((1.0,), 0, 0), "must have 0 among them and another one"),
        (((1.0,), -3, -1), "must have 0 among them and another one"),
        (((1.0,), 0, 1 << 16), "at most 16 bits, not 17"),
        (((1.0,), 0, 1, "half"), "rounding must be one of even"),
    ],
)
def test_what_is_no_grid(given, says):
    with pytest.raises(InputError, match=says):
        Grid(*given)


def test_json_and_damaged_json():
    grid = Grid((1.0, 0.5), -8, 7, "floor")
    assert Grid.from_json(grid.to_json()) == grid
    for key in grid.to_json():
        damaged = grid.to_json() | {key: None}
        with pytest.raises(InputError):
            Grid.from_json(damaged)
