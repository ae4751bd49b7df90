"""Phases against products."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.dft_phase import DftPhases


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 8, 13, 16])
def test_phases_are_products(play, lanes):
    window, top, words = 64, 35, 4
    rng = np.random.default_rng(lanes)
    inputs = {name: [] for name in ("taken", "first", "place")}
    expected, place = {}, 0
    for first in [1, 0, 0, 0, 0, 1, 0, *(rng.integers(0, 8, 70) == 0)]:
        place = 0 if first else (place + 1) % window
        for wait in range(words + int(rng.integers(0, 3))):
            cycle = len(inputs["taken"])
            # Without `taken` there is rubbish, and the place follows a cycle later.
            inputs["taken"].append(int(wait == 0))
            inputs["first"].append(int(first) if wait == 0 else int(rng.integers(0, 2)))
            inputs["place"].append(place if wait else inputs["place"][-1] if cycle else 5)
            if wait < words:
                bins = top - wait * lanes - np.arange(lanes)
                expected[cycle + 1 + DftPhases.latency] = (place * bins % window).tolist()
    got = play(DftPhases(window, lanes, top), inputs, ["o"])["o"]
    assert len(expected) > 200
    for cycle, phases in expected.items():
        if cycle < len(got):
            assert got[cycle] == phases


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((48, 1, 0), ValueError, "window must be a power of two, not 48"),
        ((2, 1, 0), ValueError, "window must be at least 4, not 2"),
        ((64, 0, 0), ValueError, "lanes must be at least 1, not 0"),
        ((64, 1, None), TypeError, "top must be an integer, not None"),
    ],
)
def test_what_is_refused(arguments, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        DftPhases(*arguments)
