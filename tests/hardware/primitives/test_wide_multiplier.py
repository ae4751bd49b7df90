"""A product of a wide operand against Python's."""

from __future__ import annotations

import pytest

from hwgen.hardware.primitives.wide_multiplier import WideMultiplier
from tests.hardware.primitives.test_multiplier import operands


@pytest.mark.parametrize("widths", [(19, 18), (20, 3), (26, 18), (35, 18)])
def test_a_product_every_cycle(play, widths):
    a, b = (operands(width, 120, seed) for seed, width in enumerate(widths))
    got = play(WideMultiplier(*widths), {"a": a.tolist(), "b": b.tolist()}, ["p"], cycles=125)["p"]
    latency = WideMultiplier.latency
    assert got[latency : latency + 120] == (a * b).tolist()


@pytest.mark.parametrize(
    ("widths", "text"),
    [
        ((18, 18), "a_width must be 19 to 35, not 18"),
        ((36, 18), "a_width must be 19 to 35, not 36"),
        ((26, 19), "b_width must be at most 18, not 19"),
    ],
)
def test_what_is_refused(widths, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        WideMultiplier(*widths)
