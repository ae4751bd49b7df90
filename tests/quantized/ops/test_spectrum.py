"""The folded scale of a feature, against the float layer."""

import numpy as np
import pytest

from hwgen import golden
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.ops import spectrum
from hwgen.quantized.precision import TRANSFORMS
from hwgen.quantized.samples import digitise
from tests.rules import front_end

EXTREMES = {
    "max-7/8-1/2": 0.030,
    "max-1/4": 0.117,
    "max-3/8": 0.069,
    "max-1/2": 0.119,
}
"""Largest relative error of a method (tests/quantized/test_magnitude.py)."""


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("method", MAGNITUDES)
@pytest.mark.parametrize("input_scale", [1.0, 1.261])
def test_the_scale_gives_the_float_features(transform, method, input_scale):
    layer = Spectrum("spectrum", 256)
    bits = Precision(magnitude=method, feature=16, full_scale=8.0, transform=transform)
    op = front_end(spectrum, layer, bits, input_scale, 0)
    x = np.random.default_rng(3).normal(0, 2.0, (20, 256))
    exact = layer.apply(digitise(x, bits) * bits.lsb * input_scale)
    fixed = golden.run_op(op, digitise(x, bits)) * op.output.scale[0]
    # The approximation around its mean gain, and a few steps from rounding inside the transform.
    bound = 2 * EXTREMES[method] * exact + 4 * op.scale
    assert (np.abs(fixed - exact) <= bound).all()
    # On average over bins the mean gain has been taken out.
    assert fixed.sum() == pytest.approx(exact.sum(), rel=0.01)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_shift_more_is_a_scale_twice_as_coarse(transform):
    layer, bits = Spectrum("spectrum", 64), Precision(transform=transform)
    scales = [front_end(spectrum, layer, bits, 1.0, shift).scale for shift in (-1, 0, 3)]
    assert scales[1] / scales[0] == 2
    assert scales[2] / scales[1] == 8


def test_shapes_and_formats():
    op = front_end(spectrum, Spectrum("spectrum", 128), Precision(adc=12, feature=7), 1.0, 2)
    assert op.points == 64
    assert op.output.shape == (1, 64)
    assert (op.output.fmt.signed, op.output.fmt.width) == (False, 7)
    assert (op.sample.min, op.sample.max) == (-2048, 2047)
    assert len(op.untangle.re) == 33
    assert op.fft_shift == sum(stage.shift for stage in op.stages)


@pytest.mark.parametrize("adc", [4, 16])
def test_a_bin_is_two_bits_wider_than_the_last_stage(adc):
    op = front_end(spectrum, Spectrum("spectrum", 128), Precision(adc=adc), 1.0, 2)
    assert op.bin_width == op.stages[-1].width + 2
    assert (op.stages[1].width < op.stages[-1].width) == (adc == 4)
