"""The magnitude that all transforms share, by fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.golden import magnitude as golden
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES


@pytest.mark.parametrize("method", MAGNITUDES)
@given(re=st.integers(-(1 << 19), 1 << 19), im=st.integers(-(1 << 19), 1 << 19))
def test_magnitude_is_exact_in_eighths(method, re, im):
    a, b = max(abs(re), abs(im)), min(abs(re), abs(im))
    exact = max(Fraction(alpha * a + beta * b, 8) for alpha, beta in MAGNITUDES[method])
    got = golden.magnitude(method, (np.array([re]), np.array([im])))
    assert Fraction(int(got[0]), 1 << EIGHTHS) == exact
