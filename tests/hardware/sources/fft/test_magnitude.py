"""Magnitudes against the golden model."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import saturate, shift_half_up
from hwgen.golden.ops.spectrum import magnitude
from hwgen.hardware.sources.fft.magnitude import Magnitude
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES
from hwgen.quantized.ops import spectrum
from tests.rules import front_end


@pytest.mark.parametrize("method", MAGNITUDES)
@pytest.mark.parametrize(
    ("shift", "feature"), [(-3, 16), (-2, 16), (0, 16), (3, 12), (8, 8), (12, 2)]
)
def test_a_feature_every_cycle(play, method, shift, feature):
    bits = Precision(magnitude=method, feature=feature)
    op = front_end(spectrum, Spectrum("spectrum", 16), bits, 1.0, shift)
    limit = 1 << (op.bin_width - 1)
    rng = np.random.default_rng(shift + 9)
    count = 200
    # Of all sizes; equal parts, zeros and the ends among them.
    size = 2.0 ** rng.uniform(0, op.bin_width - 1, count)
    parts = (rng.uniform(-1, 1, (2, count)) * size).astype(np.int64)
    parts[:, :6] = [[-limit, limit - 1, -limit, 0, 0, 5], [-limit, limit - 1, 0, -limit, 0, -5]]
    flags = rng.integers(0, 2, (3, count)).tolist()
    got = play(
        Magnitude(op),
        {
            "i.re": parts[0].tolist(),
            "i.im": parts[1].tolist(),
            "i.valid": flags[0],
            "i.mirror": flags[1],
            "i.last": flags[2],
        },
        ["o.valid", "o.mirror", "o.last", "o.value"],
        cycles=count + Magnitude.latency,
    )
    exact = magnitude(method, (parts[0], parts[1]))
    expected = saturate(shift_half_up(exact, shift + EIGHTHS), op.out.min, op.out.max)
    late = Magnitude.latency
    assert got["o.value"][late:] == expected.tolist()
    assert [got[f"o.{name}"][late:] for name in ("valid", "mirror", "last")] == flags
    if feature < 16:
        assert (expected == op.out.max).any()
