"""Phases against products."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.sources.dft.phase import DftPhases


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 8, 13, 16])
@pytest.mark.parametrize("words", [1, 4])
def test_phases_are_products(play, lanes, words):
    window, top = 64, 35
    rng = np.random.default_rng(lanes)
    cycles = 3 * window * words
    advance = rng.integers(0, 4, cycles) > 0
    rewind = np.zeros(cycles, dtype=np.int64)
    rewind[[0, 1, 30, 77]] = 1
    advance[77] = True  # with a rewind it does not matter
    inputs = {"advance": advance.astype(int).tolist(), "rewind": rewind.tolist()}
    got = play(DftPhases(window, lanes, top, words), inputs, ["o"], cycles=cycles)["o"]
    count, compared = 0, 0
    for cycle in range(cycles - 1):
        if rewind[cycle]:
            count = 0
        elif advance[cycle]:
            place, word = divmod(count, words)
            bins = top - word * lanes - np.arange(lanes)
            assert got[cycle + 1] == (place * bins % window).tolist()
            count += 1
            compared += 1
        elif compared and not rewind[cycle - 1]:
            assert got[cycle + 1] == got[cycle]
    assert count > window * words


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((48, 1, 0, 1), ValueError, "window must be a power of two, not 48"),
        ((2, 1, 0, 1), ValueError, "window must be at least 4, not 2"),
        ((64, 0, 0, 1), ValueError, "lanes must be at least 1, not 0"),
        ((64, 1, 0, 0), ValueError, "words must be at least 1, not 0"),
        ((64, 1, None, 1), TypeError, "top must be an integer, not None"),
    ],
)
def test_what_is_refused(arguments, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        DftPhases(*arguments)
