"""Values that wait for the line."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.link.kept_values import KeptValues

COUNT = 9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("often", [0.1, 1.0])
def test_values_are_given_in_their_order(seed, often):
    """While they still come, too; those of a window that is not wanted any more are forgotten."""
    rng = np.random.default_rng(seed)
    dut = KeptValues(COUNT, 7)
    rows = rng.integers(-64, 64, (3, COUNT)).tolist()
    seen: list[list[int]] = []

    async def process(ctx):
        for number, row in enumerate(rows):
            ctx.set(dut.restart, 1)
            ctx.set(dut.write, 0)
            ctx.set(dut.o.ready, 0)
            await ctx.tick()
            ctx.set(dut.restart, 0)
            left, got, standing = list(row), [], None
            wanted = COUNT // 2 if number == 1 else COUNT
            while len(got) < wanted:
                writes = bool(left) and rng.random() < 0.5
                ctx.set(dut.write, writes)
                ctx.set(dut.value, left.pop(0) if writes else 33)
                takes = rng.random() < often
                ctx.set(dut.o.ready, int(takes))
                if ctx.get(dut.o.valid):
                    now = ctx.get(dut.o.payload)
                    assert standing in (None, now)
                    standing = None if takes else now
                    if takes:
                        got.append(now)
                else:
                    assert standing is None
                await ctx.tick()
            seen.append(got)
        ctx.set(dut.write, 0)
        ctx.set(dut.o.ready, 0)
        await ctx.tick().repeat(9)
        assert not ctx.get(dut.o.valid)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert seen == [rows[0], rows[1][: COUNT // 2], rows[2]]


@pytest.mark.parametrize(("given", "name"), [((0, 8), "count"), ((4, 0), "bits")])
def test_numbers(given, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        KeptValues(*given)
