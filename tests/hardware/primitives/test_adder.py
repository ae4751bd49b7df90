"""Sums and differences against Python's."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Fragment

from hwgen.hardware.primitives.adder import AddSubtract
from hwgen.targets.ecp5 import primitives


@pytest.mark.parametrize(("width", "b_width"), [(1, 1), (7, 4), (12, 12), (9, 13)])
def test_sums_and_differences_modulo(play, width, b_width):
    rng = np.random.default_rng(width)
    a, b = (rng.integers(-(1 << bits - 1), 1 << bits - 1, 200) for bits in (width, b_width))
    a[:4], b[:4] = [0, -1, -(1 << width - 1), 0], [0, -1, 0, -(1 << b_width - 1)]
    subtract = rng.integers(0, 2, 200)
    inputs = {"a": a.tolist(), "b": b.tolist(), "subtract": subtract.tolist()}
    got = play(AddSubtract(width, b_width), inputs, ["o"])["o"]
    exact = np.where(subtract, a - b, a + b)
    wrapped = (exact + (1 << width - 1)) % (1 << width) - (1 << width - 1)
    assert got[AddSubtract.latency :] == wrapped[: -AddSubtract.latency].tolist()


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"^width must be at least 1, not 0$"):
        AddSubtract(0, 1)
    with pytest.raises(TypeError, match=r"^b_width must be an integer, not 1.5$"):
        AddSubtract(2, 1.5)


class Chip:
    family = "ecp5"


def test_what_the_chip_s_own_adder_is_given(monkeypatch):
    seen = []
    monkeypatch.setattr(primitives, "add_subtract", lambda m, *given: seen.append(given))
    dut = AddSubtract(9, 4)
    Fragment.get(dut, Chip())
    ((a, b, subtract, total),) = seen
    assert a is dut.a
    assert subtract is dut.subtract
    assert (len(b), len(total)) == (9, 9)
    assert b.shape().signed


def test_widths():
    dut = AddSubtract(9, 4)
    assert [len(port) for port in (dut.a, dut.b, dut.subtract, dut.o)] == [9, 4, 1, 9]
    assert AddSubtract.latency == 1
