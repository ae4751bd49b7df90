from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.fixedpoint import Format
from hwgen.golden.requantize import requantize


@pytest.mark.parametrize("out", [Format(False, 8, 0), Format(True, 7, 0), Format(False, 3, 0)])
@given(value=st.integers(-(1 << 20), 1 << 20), shift=st.integers(0, 14))
def test_half_up_then_saturated(out, value, shift):
    rounded = floor(Fraction(value, 1 << shift) + Fraction(1, 2))
    assert requantize(np.array(value), shift, out) == min(max(rounded, out.min), out.max)
