"""A product of halves is the product."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.sensors.two_part_product import TwoPartProduct


def products(a_width, b_width, pairs):
    dut = TwoPartProduct(a_width, b_width)
    found = []

    async def run(ctx):
        for k in range(len(pairs) + dut.latency):
            if k < len(pairs):
                ctx.set(dut.a, pairs[k][0])
                ctx.set(dut.b, pairs[k][1])
            if k >= dut.latency:
                found.append(ctx.get(dut.p))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(run)
    simulator.run()
    return found


@pytest.mark.parametrize(("a_width", "b_width"), [(18, 18), (12, 18), (1, 2), (5, 3)])
def test_products(a_width, b_width):
    rng = np.random.default_rng(a_width)
    ends = [(x, y) for x in (-(1 << (a_width - 1)), (1 << (a_width - 1)) - 1)
            for y in (-(1 << (b_width - 1)), (1 << (b_width - 1)) - 1)]  # fmt: skip
    drawn = zip(
        rng.integers(-(1 << (a_width - 1)), 1 << (a_width - 1), 100).tolist(),
        rng.integers(-(1 << (b_width - 1)), 1 << (b_width - 1), 100).tolist(),
        strict=True,
    )
    pairs = [*ends, *drawn]
    assert products(a_width, b_width, pairs) == [a * b for a, b in pairs]


@pytest.mark.parametrize(("a_width", "b_width"), [(0, 8), (8, 1), (19, 8)])
def test_widths_that_make_no_sense(a_width, b_width):
    with pytest.raises(ValueError, match="must be"):
        TwoPartProduct(a_width, b_width)
