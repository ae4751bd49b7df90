"""Stuck and clipping sensors against the same rules in Python."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.sensors.watch import Watch

BITS, SAMPLES, CLIPS = 12, 16, 3


def watch(values, bits=BITS):
    """Return (stuck, clipped) behind each value."""
    dut = Watch(bits, SAMPLES, CLIPS)
    seen = []

    async def drive(ctx):
        for value in values:
            ctx.set(dut.i.payload, int(value))
            ctx.set(dut.i.valid, 1)
            await ctx.tick()
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(int(value) % 3 + 1)
            seen.append((ctx.get(dut.stuck), ctx.get(dut.clipped)))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    return seen


def rules(values):
    """Return the same, by definition."""
    limit = 1 << (BITS - 1)
    margin = limit >> 8
    ends = [value >= limit - margin or value < -limit + margin for value in values]
    result = []
    held = False
    for index, value in enumerate(values):
        recent = values[max(0, index - SAMPLES + 1) : index + 1]
        stuck = len(recent) == SAMPLES and all(other == value for other in recent)
        begin = index // SAMPLES * SAMPLES
        count = sum(ends[begin : index + 1])
        if count >= CLIPS:
            held = True
        elif (index + 1) % SAMPLES == 0:
            held = False
        result.append((int(stuck), int(held)))
    return result


def test_random_signals():
    rng = np.random.default_rng(5)
    pieces = [
        rng.integers(-2048, 2048, 100),
        np.full(40, 77),
        rng.choice([-2048, 2047, 2040, 2039, -2041, -2040, 0], 100),
        np.full(20, -2048),
        rng.integers(-10, 10, 60),
        np.full(15, 3),
        [4],
        np.full(16, 3),
    ]
    values = np.concatenate(pieces).tolist()
    found, expected = watch(values), rules(values)
    assert found == expected
    assert {stuck for stuck, _ in expected} == {clip for _, clip in expected} == {0, 1}


def test_narrow_samples():
    assert [clip for _, clip in watch([1, -2] * 8, bits=2)][-1] == 1


def test_parameters(refusing):
    with pytest.raises(ValueError, match="clips must be at most samples"):
        Watch(12, 4, 5)
    with pytest.raises(ValueError, match="samples must be at least 2, not 1"):
        Watch(12, 1, 1)
    with pytest.raises(TypeError, match="bits must be an integer"):
        Watch(12.0, 4, 1)
