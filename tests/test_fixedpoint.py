import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.fixedpoint import (
    Format,
    check_range,
    quantize,
    round_half_up,
    saturate,
    shift_half_down,
    shift_half_up,
    signed_width,
)

HALF = Fraction(1, 2)
integers = st.integers(-(1 << 56), 1 << 56)
shifts = st.integers(0, 56)


@given(value=integers, shift=shifts)
def test_shift_half_up_is_the_nearest_integer_with_halves_up(value, shift):
    assert shift_half_up(value, shift) == math.floor(Fraction(value, 1 << shift) + HALF)


@given(value=integers, shift=shifts)
def test_shift_half_down_is_the_nearest_integer_with_halves_down(value, shift):
    assert shift_half_down(value, shift) == math.ceil(Fraction(value, 1 << shift) - HALF)


def test_halves_by_hand():
    odd = np.array([-5, -3, -1, 1, 3, 5])
    assert shift_half_up(odd, 1).tolist() == [-2, -1, 0, 1, 2, 3]
    assert shift_half_down(odd, 1).tolist() == [-3, -2, -1, 0, 1, 2]
    assert round_half_up(odd / 2).tolist() == [-2, -1, 0, 1, 2, 3]


@pytest.mark.parametrize("rounding", [shift_half_up, shift_half_down])
def test_a_negative_shift_multiplies_exactly(rounding):
    assert rounding(np.array([-3, 0, 5]), -4).tolist() == [-48, 0, 80]
    assert rounding(np.array([-3, 0, 5]), 0).tolist() == [-3, 0, 5]


def test_half_down_is_what_a_subtractor_gives():
    a, b = np.meshgrid(np.arange(-8, 8), np.arange(-8, 8))
    assert (shift_half_down(a - b, 1) == (a - b) >> 1).all()


def test_saturate_keeps_what_fits():
    assert saturate(np.array([-9, -8, 0, 7, 8]), -8, 7).tolist() == [-8, -8, 0, 7, 7]


@pytest.mark.parametrize(
    ("fmt", "width", "low", "high", "step", "text"),
    [
        (Format(True, 3, 4), 8, -128, 127, 1 / 16, "Q3.4"),
        (Format(False, 8, 0), 8, 0, 255, 1.0, "uQ8.0"),
        (Format(False, -2, 10), 8, 0, 255, 2.0**-10, "uQ-2.10"),
        (Format(True, 10, -3), 8, -128, 127, 8.0, "Q10.-3"),
        (Format(True, 0, 0), 1, -1, 0, 1.0, "Q0.0"),
        (Format(True, 63, 0), 64, -(1 << 63), (1 << 63) - 1, 1.0, "Q63.0"),
        (Format(False, 64, 0), 64, 0, (1 << 64) - 1, 1.0, "uQ64.0"),
    ],
)
def test_format(*, fmt, width, low, high, step, text):
    assert (fmt.width, fmt.min, fmt.max, fmt.step, str(fmt)) == (width, low, high, step, text)
    assert Format.from_json(fmt.to_json()) == fmt
    assert Format.of_width(width, signed=fmt.signed, frac_bits=fmt.frac_bits) == fmt


@pytest.mark.parametrize(
    ("fields", "error", "text"),
    [
        ((1, 3, 4), TypeError, "signed must be a bool, not 1"),
        ((True, 3.0, 4), TypeError, "int_bits must be an integer, not 3.0"),
        ((True, 3, "4"), TypeError, "frac_bits must be an integer, not '4'"),
        ((True, True, 4), TypeError, "int_bits must be an integer, not True"),
        ((False, 0, 0), ValueError, "width must be 1 to 64 bits, not 0"),
        ((True, 60, 4), ValueError, "width must be 1 to 64 bits, not 65"),
        ((False, -9, 4), ValueError, "width must be 1 to 64 bits, not -5"),
    ],
)
def test_format_is_refused(fields, error, text):
    with pytest.raises(error, match=f"^{text}"):
        Format(*fields)


def test_quantize_rounds_half_up_and_saturates():
    fmt = Format(True, 1, 2)  # -2 .. 1.75 in quarters
    values = [-1e300, -2.2, -0.375, -0.125, 0.125, 0.37, 1.7, 1.9, np.inf]
    assert quantize(values, fmt).tolist() == [-8, -8, -1, 0, 1, 1, 7, 7, 7]
    assert quantize([-1.0, 0.5, 300.0], Format(False, 8, 0)).tolist() == [0, 1, 255]


@given(st.integers(-(1 << 40), 1 << 40), st.integers(-(1 << 40), 1 << 40))
def test_signed_width_is_the_narrowest_that_holds_both(a, b):
    low, high = min(a, b), max(a, b)
    width = signed_width(low, high)
    assert -(1 << (width - 1)) <= low
    assert high < 1 << (width - 1)
    narrower = 1 << max(width - 2, 0)
    assert width == 1 or low < -narrower or high >= narrower


def test_signed_width_at_powers_of_two():
    cases = {(0, 0): 1, (-1, 0): 1, (0, 1): 2, (-8, 7): 4, (-8, 8): 5, (-9, 7): 5, (3, 4): 4}
    assert {case: signed_width(*case) for case in cases} == cases
    assert signed_width(-16, -9) == 5
    with pytest.raises(ValueError, match=r"^low must be <= high \(1\), not 2$"):
        signed_width(2, 1)


def test_check_range_refuses_both_sides_and_takes_nothing_for_fine():
    check_range("sum", np.array([-4, 3]), -4, 3)
    check_range("sum", np.zeros(0, dtype=np.int64), 1, 0)
    for value in (-5, 4):
        with pytest.raises(OverflowError, match=r"^sum must stay within \[-4, 3\], not"):
            check_range("sum", np.array([0, value]), -4, 3)
