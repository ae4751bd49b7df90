"""Both kinds of multiplier against Python's product."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Fragment

from hwgen.hardware.primitives.multiplier import DSP_OPERAND, Multiplier
from hwgen.targets.ecp5 import primitives


def operands(width: int, count: int, seed: int) -> np.ndarray:
    """Random values, the ends of the range and its middle among them."""
    low, high = -(1 << (width - 1)), (1 << (width - 1)) - 1
    rng = np.random.default_rng(seed)
    values = rng.integers(low, high + 1, count)
    ends = np.array([low, high, 0, min(1, high), -1])
    values[: 5 * count // 10] = rng.choice(ends, 5 * count // 10)
    rng.shuffle(values)
    return values


@pytest.mark.parametrize("logic", [False, True])
@pytest.mark.parametrize(
    "widths", [(1, 1), (1, 6), (6, 1), (2, 2), (2, 3), (9, 8), (8, 7), (17, 16), (18, 18)]
)
def test_a_product_every_cycle(play, widths, logic):
    a, b = (operands(width, 120, seed) for seed, width in enumerate(widths))
    got = play(
        Multiplier(*widths, logic=logic), {"a": a.tolist(), "b": b.tolist()}, ["p"], cycles=125
    )["p"]
    latency = Multiplier.latency
    assert got[latency : latency + 120] == (a * b).tolist()


@pytest.mark.parametrize("logic", [False, True])
def test_small_widths_in_full(play, logic):
    a, b = (side.ravel() for side in np.meshgrid(np.arange(-8, 8), np.arange(-4, 4)))
    got = play(
        Multiplier(4, 3, logic=logic), {"a": a.tolist(), "b": b.tolist()}, ["p"], cycles=140
    )["p"]
    assert got[Multiplier.latency :][: len(a)] == (a * b).tolist()


@pytest.mark.parametrize(
    ("widths", "error", "text"),
    [
        ((0, 3), ValueError, "a_width must be at least 1, not 0"),
        ((3, 19), ValueError, f"b_width must be at most {DSP_OPERAND}, not 19"),
        ((3.0, 3), TypeError, r"a_width must be an integer, not 3\.0"),
        ((3, None), TypeError, "b_width must be an integer, not None"),
    ],
)
def test_what_is_refused(widths, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        Multiplier(*widths)


class Chip:
    family = "ecp5"


@pytest.mark.parametrize("logic", [False, True])
def test_what_the_chip_s_own_multiplier_is_given(monkeypatch, logic):
    seen = []
    monkeypatch.setattr(primitives, "multiplier", lambda m, *given: seen.append(given))
    dut = Multiplier(9, 8, logic=logic)
    Fragment.get(dut, Chip())
    assert len(seen) == (not logic)
    if seen:
        assert all(a is b for a, b in zip(seen[0], (dut.a, dut.b, dut.p), strict=True))


def test_the_widest_operands_are_taken():
    assert DSP_OPERAND == 18
    assert len(Multiplier(18, 1).p) == 19
