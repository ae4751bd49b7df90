"""Clipped absolute values: exact where they are small, large where they are large."""

from __future__ import annotations

import pytest

from hwgen.hardware.absolute import ClippedAbsolute


@pytest.mark.parametrize(("width", "bits"), [(2, 2), (7, 4), (7, 6), (7, 7), (6, 9), (8, 2)])
def test_every_value(play, width, bits):
    dut = ClippedAbsolute(width, bits)
    values = [*range(-(1 << width - 1), 1 << width - 1), 0, 0]
    got = play(dut, {"i": values}, ["o"])["o"][dut.latency :]
    exact = (1 << min(bits, width) - 1) - 1
    for value, absolute in zip(values, got, strict=False):
        if abs(value) <= exact:
            assert absolute == abs(value)
        else:
            assert exact <= absolute <= min(abs(value), dut.most)
    assert max(got) <= dut.most


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((1, 4), ValueError, "width must be at least 2, not 1"),
        ((8, 1), ValueError, "bits must be at least 2, not 1"),
        ((8, "4"), TypeError, "bits must be an integer, not '4'"),
    ],
)
def test_what_is_refused(arguments, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        ClippedAbsolute(*arguments)
