import numpy as np
import pytest

from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise

BITS = Precision(adc=8, full_scale=2.0)  # steps of 1/64


def test_halves_up_and_full_scale():
    volts = np.array([-1e12, -2.01, -2.0, -1.5 / 64, -0.5 / 64, 0.5 / 64, 0.49 / 64, 1.99, 2.0])
    assert digitise(volts, BITS).tolist() == [-128, -128, -128, -1, 0, 1, 0, 127, 127]
    assert digitise([np.inf, -np.inf], BITS).tolist() == [127, -128]


@pytest.mark.parametrize("adc", [4, 12, 16])
def test_within_half_a_step_inside_full_scale(adc):
    bits = Precision(adc=adc, full_scale=3.0)
    values = np.random.default_rng(adc).uniform(-3.0, 3.0 - bits.lsb, 1000)
    error = digitise(values, bits) * bits.lsb - values
    assert np.abs(error).max() <= bits.lsb / 2 * (1 + 1e-9)
