"""Clipped magnitudes against the golden model, which clips nothing but the feature."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import Format, saturate, shift_half_up
from hwgen.golden.magnitude import magnitude
from hwgen.hardware.sources.dft.clipped_magnitude import ClippedMagnitude
from hwgen.plans.sources.dft import deciding_width
from hwgen.quantized.magnitude import EIGHTHS, MAGNITUDES


@pytest.mark.parametrize("method", MAGNITUDES)
@pytest.mark.parametrize(
    ("width", "shift", "feature"),
    [(18, -4, 16), (18, -2, 12), (18, 0, 8), (18, 1, 8), (18, 3, 12), (18, 8, 8), (12, 9, 8),
     (5, 0, 2), (18, 22, 4), (18, -9, 8), (2, 0, 8)],
)  # fmt: skip
def test_a_feature_every_cycle(play, method, width, shift, feature):
    out = Format(False, feature, 0)
    limit = 1 << (width - 1)
    rng = np.random.default_rng(shift + 9)
    count = 400
    # Of all sizes; equal parts, zeros, the ends and those around the clipping among them.
    size = 2.0 ** rng.uniform(0, width - 1, count)
    parts = (rng.uniform(-1, 1, (2, count)) * size).astype(np.int64)
    parts[:, :6] = [[-limit, limit - 1, -limit, 0, 0, 5], [-limit, limit - 1, 0, -limit, 0, -5]]
    edge = 1 << (min(width, deciding_width(shift, out)) - 1)
    near = rng.integers(-2, 3, (2, 100)) + edge * rng.integers(-1, 2, (2, 100))
    parts[:, 100:200] = near
    parts[1, 200:300] = parts[0, 200:300] * rng.choice([-1, 1], 100) + rng.integers(-1, 2, 100)
    parts = np.clip(parts, -limit, limit - 1)
    blank = rng.integers(0, 8, count) == 0
    late = ClippedMagnitude.latency
    got = play(
        ClippedMagnitude(method, width, shift, out),
        {
            "re": parts[0].tolist(),
            "im": parts[1].tolist(),
            "blank": [0] * (late - 1) + blank.astype(int).tolist(),
        },
        ["o"],
        cycles=count + late,
    )["o"]
    exact = magnitude(method, (parts[0], parts[1]))
    features = saturate(shift_half_up(exact, shift + EIGHTHS), out.min, out.max)
    assert got[late:] == np.where(blank, 0, features).tolist()


@pytest.mark.parametrize(
    ("shift", "feature", "width"), [(0, 8, 9), (4, 8, 13), (-2, 8, 8), (-9, 8, 2), (3, 2, 6)]
)
def test_what_decides(shift, feature, width):
    out = Format(False, feature, 0)
    assert deciding_width(shift, out) == width
    clipped = (1 << (width - 1)) - 1
    assert shift_half_up(np.array(clipped * 8), shift + EIGHTHS) >= out.max


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (("max-1/4", 1), ValueError, "width must be at least 2, not 1"),
        (("max-1/4", 8.0), TypeError, "width must be an integer, not 8.0"),
        (("max-9", 8), ValueError, "method must be one of .*, not 'max-9'"),
    ],
)
def test_what_is_refused(arguments, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        ClippedMagnitude(*arguments, 0, Format(False, 8, 0))
