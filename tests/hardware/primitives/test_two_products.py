"""Two products on one multiplier against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.boards import find_board
from hwgen.hardware.primitives.two_products import TwoProductMultiplier
from hwgen.hardware.shared.mac_array import MacArray
from hwgen.plans.step import Array
from hwgen.plans.two_products import TwoProducts
from hwgen.synth.core import core_cells


@pytest.mark.parametrize(("values", "weights"), [(9, 5), (4, 3), (7, 6), (9, 2), (2, 2)])
def test_products_are_exact(play, values, weights):
    """Of every pair of factors with every value, as far as these are few; else of many."""
    most = (1 << (weights - 1)) - 1
    two = TwoProducts.of(values, -most, most)
    factors = np.arange(-most, most + 1)
    every = np.arange(-(1 << (values - 1)), 1 << (values - 1))
    a, b0, b1 = (each.reshape(-1) for each in np.meshgrid(every, factors, factors))
    if len(a) > 4000:
        rng = np.random.default_rng(values)
        chosen = rng.choice(len(a), 4000, replace=False)
        ends = np.isin(a, every[[0, -1]]) & np.isin(b0, factors[[0, -1]])
        a, b0, b1 = (np.concatenate([each[ends], each[chosen]]) for each in (a, b0, b1))
    dut = TwoProductMultiplier(values, weights, two)
    driven = {"a": a.tolist(), "b0": b0.tolist(), "b1": b1.tolist()}
    got = play(dut, driven, ["p0", "p1"], cycles=len(a) + dut.latency)
    assert np.array_equal(got["p0"][dut.latency :], a * b0)
    assert np.array_equal(got["p1"][dut.latency :], a * b1)


def test_what_it_takes(tmp_path):
    """On an ECP5: the figures of docs/hardware.md."""
    board, two = find_board("ulx3s-25f"), TwoProducts.of(9, -15, 15)

    def cells(dsp: int, two: TwoProducts | None):
        array = MacArray(Array(2, 1), 9, 5, 22, dsp=dsp, two=two)
        return core_cells(array, board, tmp_path / f"{dsp}{two is None}")

    both, one, shared = cells(2, None), cells(1, None), cells(1, two)
    assert (both["dsp"], one["dsp"], shared["dsp"]) == (2, 1, 1)
    assert shared["lut4"] - both["lut4"] == 20
    assert 100 < one["lut4"] - both["lut4"] < 120
