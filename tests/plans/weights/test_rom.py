"""Weights in a memory of the chip: how they are packed, and what that takes."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import targets
from hwgen.plans import depths
from hwgen.plans.weights.rom import RomPlan


@pytest.mark.parametrize("bits", [2, 5, 8])
def test_weights_lie_side_by_side(bits):
    limit = 1 << (bits - 1)
    weights = np.random.default_rng(bits).integers(-limit, limit, (7, 3))
    weights[0] = -limit, limit - 1, -1
    plan = RomPlan(weights, bits)
    assert (plan.width, plan.depth, plan.latency) == (3 * bits, 7, depths.MEMORY)
    assert len(plan.words) == plan.depth
    for word, packed in zip(weights, plan.words, strict=True):
        assert packed < 1 << plan.width
        for place, weight in enumerate(word):
            assert packed >> (place * bits) & ((1 << bits) - 1) == weight % (1 << bits)


def test_what_does_not_fit_is_refused():
    for wrong in (-9, 8):
        with pytest.raises(ValueError, match="weights must fit 4 bits, from -8 to 7"):
            RomPlan(np.array([[0, wrong]]), 4)
    with pytest.raises(ValueError, match="bits must be"):
        RomPlan(np.array([[0]]), 0)


def test_it_takes_block_rams_and_nothing_else():
    target = targets.find("ecp5")
    for words, number in ((40, 2), (600, 40)):
        plan = RomPlan(np.ones((words, number), dtype=np.int64), 5)
        found = plan.cells(target)
        assert found["ebr"] == target.memory(5 * number, words, rom=True)["ebr"] > 0
        assert (found["lut4"], found["dsp"]) == (0, 0)
