"""Every store gives the words of its plan after the latency of its plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.hardware.weights.rom import Rom
from hwgen.hardware.weights.store import store
from hwgen.plans import depths
from hwgen.plans.weights.rom import RomPlan


@pytest.mark.parametrize("depth", [1, 4, 33])
def test_a_rom_gives_its_weights(play, depth):
    rng = np.random.default_rng(depth)
    plan = RomPlan(rng.integers(-16, 16, (depth, 3)), 5)
    order = rng.integers(0, depth, 80).tolist()
    made = store(plan, depths.MEMORY)
    assert isinstance(made, Rom)
    got = play(made, {"read_address": order}, ["read_data"])["read_data"]
    for address, word in zip(order, got[plan.latency :], strict=False):
        fields = [word >> (5 * place) & 31 for place in range(3)]
        assert [field - (field >> 4 << 5) for field in fields] == plan.weights[address].tolist()


def test_who_counts_with_another_latency_is_refused():
    plan = RomPlan(np.array([[1, 2]]), 3)
    with pytest.raises(ValueError, match="latency must be 2, as the store's plan says, not 3"):
        store(plan, 3)


def test_a_kind_without_a_file_is_refused():
    @dataclass
    class Elsewhere:
        kind = "elsewhere"
        latency = depths.MEMORY

    with pytest.raises(InputError, match=r"'elsewhere' has no file in hwgen\.hardware\.weights"):
        store(Elsewhere(), depths.MEMORY)
