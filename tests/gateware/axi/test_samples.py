"""Which samples are marked first, and which windows are counted as given up."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.axi.names import sample_bits
from hwgen.gateware.axi.samples import SampleFrames

WINDOW = 4


def run(given: list[tuple[int, bool]], *, overlapping: bool = False) -> tuple[list, int]:
    """Return value and mark of each sample that the core gets, and the windows given up."""
    dut = SampleFrames(12, WINDOW, overlapping=overlapping)
    rng = np.random.default_rng(5)
    got, broken = [], 0

    async def give(ctx) -> None:
        for value, last in given:
            while rng.random() < 0.3:
                await ctx.tick()
            ctx.set(dut.s_axis_tdata, value % (1 << 16))
            ctx.set(dut.s_axis_tlast, last)
            ctx.set(dut.s_axis_tvalid, 1)
            await ctx.tick().until(dut.s_axis_tready)
            ctx.set(dut.s_axis_tvalid, 0)

    async def take(ctx) -> None:
        nonlocal broken
        while len(got) < len(given):
            ctx.set(dut.samples.ready, int(rng.random() < 0.5))
            _, _, valid, ready, value, first, lost = await ctx.tick().sample(
                dut.samples.valid, dut.samples.ready, dut.samples.p.value, dut.samples.p.first,
                dut.broken,
            )  # fmt: skip
            broken += lost
            if valid and ready:
                got.append((value, bool(first)))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(give)
    simulator.add_testbench(take)
    simulator.run()
    assert [value for value, _ in got] == [value for value, _ in given]
    return [number for number, (_, first) in enumerate(got) if first], broken


def samples(*lasts: int, count: int) -> list[tuple[int, bool]]:
    rng = np.random.default_rng(6)
    values = rng.integers(-(1 << 11), 1 << 11, count).tolist()
    return [(value, number in lasts) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("lasts", "firsts", "lost"),
    [
        ((), [0, 4, 8], 0),
        ((3, 7, 11), [0, 4, 8], 0),
        ((7,), [0, 4, 8], 0),
        ((1,), [0, 2, 6, 10], 1),
        ((0, 1, 2), [0, 1, 2, 3, 7, 11], 3),
        ((6, 10), [0, 4, 7, 11], 1),
    ],
)
def test_firsts(lasts, firsts, lost):
    assert run(samples(*lasts, count=12)) == (firsts, lost)


def test_windows_that_overlap_are_one_row():
    assert run(samples(count=12), overlapping=True) == ([0], 0)
    assert run(samples(5, count=12), overlapping=True) == ([0, 6], 0)
    assert run(samples(1, count=12), overlapping=True) == ([0, 2], 1)


@pytest.mark.parametrize(("adc", "bits"), [(6, 8), (8, 8), (9, 16), (16, 16), (17, 32), (24, 32)])
def test_tdata_is_as_wide_as_tools_like_it(adc, bits):
    assert sample_bits(adc) == bits


def test_abandon_spares_the_window_before_one_that_the_core_has_not_seen():
    """A first sample that waits in the register: it is dropped, and the core told nothing."""
    dut = SampleFrames(12, WINDOW, overlapping=False)
    seen = []

    async def bench(ctx) -> None:
        ctx.set(dut.s_axis_tvalid, 1)
        await ctx.tick()
        ctx.set(dut.s_axis_tvalid, 0)
        ctx.set(dut.abandon, 1)
        seen.append((ctx.get(dut.samples.valid), ctx.get(dut.give_up), ctx.get(dut.broken)))
        await ctx.tick()
        ctx.set(dut.abandon, 0)
        seen.append((ctx.get(dut.samples.valid), ctx.get(dut.busy)))
        ctx.set(dut.samples.ready, 1)
        ctx.set(dut.s_axis_tvalid, 1)
        await ctx.tick().repeat(3)
        ctx.set(dut.s_axis_tvalid, 0)
        ctx.set(dut.abandon, 1)
        seen.append((ctx.get(dut.give_up), ctx.get(dut.s_axis_tready), ctx.get(dut.broken)))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert seen == [(1, 0, 1), (0, 0), (1, 0, 1)]
