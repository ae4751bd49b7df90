"""What both transforms have in common: widths, formats, and the scale of a feature."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.features import QuantizedFeatures, rounded_magnitude
from hwgen.quantized.magnitude import mean_gain
from hwgen.quantized.op import op_from_json
from hwgen.quantized.ops import spectrum
from hwgen.quantized.samples import sampled
from tests.rules import front_end


@pytest.mark.parametrize("transform", ["fft", "dft"])
@pytest.mark.parametrize("shift", [-3, 0, 5])
def test_fields(transform, shift):
    bits = Precision(adc=12, feature=7, transform=transform, magnitude="max-3/8")
    op = front_end(spectrum, Spectrum("front", 64), bits, 1.5, shift)
    assert isinstance(op, QuantizedFeatures)
    assert (op.name, op.window, op.points, op.magnitude) == ("front", 64, 32, "max-3/8")
    # Sums are eight times a magnitude: three bits more are lost.
    assert (op.shift, op.dropped) == (shift, shift + 3)
    assert (op.sample, op.out) == (Format(True, 11, 0), Format(False, 7, 0))
    assert (op.output.shape, op.output.fmt) == ((1, 32), op.out)
    assert op.output.scale.tolist() == [op.scale]


def test_the_format_of_samples():
    found = sampled((64,), Precision(adc=10), 1.0).fmt
    assert (found.signed, found.width, found.frac_bits) == (True, 10, 0)
    assert (found.min, found.max) == (-512, 511)


@pytest.mark.parametrize("transform", ["fft", "dft"])
@pytest.mark.parametrize(
    ("ends", "ascending", "bins"),
    [
        ((0, 32), True, range(33)),
        ((1, 31), True, range(1, 32)),
        ((0, 31), True, range(32)),
        ((32, 0), False, range(32, -1, -1)),
        ((31, 1), False, range(31, 0, -1)),
        ((None, None), False, range(32, 0, -1)),
    ],
)
def test_bins(transform, ends, ascending, bins):
    bits = Precision(transform=transform)
    op = front_end(spectrum, Spectrum("front", 64, *ends), bits, 1.0, 0)
    assert (op.bins.tolist(), op.ascending, op.output.shape) == ([*bins], ascending, (1, len(bins)))
    assert op_from_json(op.to_json()).bins.tolist() == [*bins]
    damaged = op.to_json() | {"first": 2, "last": 32}
    with pytest.raises(InputError, match=r"must go from 0 or 1 to 31 or 32, or the other way, not"):
        op_from_json(damaged)


@pytest.mark.parametrize("divided", [-4, 0, 6])
@pytest.mark.parametrize("shift", [-2, 3])
@pytest.mark.parametrize("gain", [1.0, 128.0])
def test_the_scale(divided, shift, gain):
    layer = Spectrum("front", 128, 0, 63, gain)
    bits = Precision(adc=12, feature=9, full_scale=2.0, magnitude="max-1/2")
    found = rounded_magnitude(layer, sampled((128,), bits, 0.75), bits, shift, divided)
    assert found.pop("scale") == pytest.approx(
        gain * 0.75 * (2.0 / 2048) * 2.0 ** (divided + shift) / 128 / mean_gain("max-1/2"),
        rel=1e-12,
    )
    assert found == {
        "name": "front", "window": 128, "sample": Format(True, 11, 0), "magnitude": "max-1/2",
        "shift": shift, "out": Format(False, 9, 0), "first": 0, "last": 63,
    }  # fmt: skip


def test_the_width_of_a_bin_is_its_transform_s():
    op = front_end(spectrum, Spectrum("front", 64), Precision(), 1.0, 0)
    plain = QuantizedFeatures("x", 64, op.sample, op.magnitude, 0, op.out, 1.0)
    with pytest.raises(NotImplementedError):
        _ = plain.bin_width
    assert op.bin_width == op.stages[-1].width + 2
    assert np.isclose(op.scale, op.output.scale[0])
