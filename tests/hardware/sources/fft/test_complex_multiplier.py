"""Complex products against the golden model."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.fft import multiply
from hwgen.hardware.sources.fft.complex_multiplier import ComplexMultiplier


@pytest.mark.parametrize(
    ("width", "factor_width", "frac_bits"),
    [(18, 18, 16), (5, 4, 2), (9, 12, 1), (26, 18, 16), (19, 8, 6)],
)
@pytest.mark.parametrize("most_wait", [0, 3])
def test_products_are_the_golden_models(play, width, factor_width, frac_bits, most_wait):
    rng = np.random.default_rng(width)
    count = 100
    value = rng.integers(-(1 << (width - 1)), 1 << (width - 1), (2, count))
    factor = rng.integers(-(1 << (factor_width - 1)), 1 << (factor_width - 1), (2, count))
    value[:, 0], factor[:, 0] = -(1 << (width - 1)), -(1 << (factor_width - 1))
    expected = multiply((value[0], value[1]), (factor[0], factor[1]), frac_bits)

    # Between two products the inputs hold rubbish.
    starts = np.cumsum(2 + rng.integers(0, most_wait + 1, count))
    length = starts[-1] + 10
    inputs = {"valid": np.zeros(length, dtype=np.int64)}
    inputs["valid"][starts] = 1
    for name, row, bits in (
        ("re", value[0], width),
        ("im", value[1], width),
        ("c", factor[0], factor_width),
        ("s", factor[1], factor_width),
    ):
        inputs[name] = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), length)
        inputs[name][starts] = row
    dut = ComplexMultiplier(width, factor_width, frac_bits, width + factor_width - frac_bits + 1)
    got = play(
        dut,
        {name: values.tolist() for name, values in inputs.items()},
        ["o_valid", "o_re", "o_im"],
    )
    ends = np.flatnonzero(got["o_valid"])
    assert (ends == starts + dut.latency).all()
    assert (np.array(got["o_re"])[ends] == expected[0]).all()
    assert (np.array(got["o_im"])[ends] == expected[1]).all()
