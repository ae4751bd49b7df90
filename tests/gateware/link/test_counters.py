"""Events are counted, each once, however they come and whenever the counters are read."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.link.counters import BITS, EventCounters


def run(kinds, cycles, drive):
    """Call ``drive(cycle)`` for (events, read, address); return ``data`` of every cycle."""
    dut = EventCounters(kinds)
    seen = []

    async def process(ctx):
        for cycle in range(cycles):
            events, read, address = drive(cycle)
            ctx.set(dut.events, events)
            ctx.set(dut.read, read)
            ctx.set(dut.address, address)
            seen.append(ctx.get(dut.data))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return seen


@pytest.mark.parametrize("kinds", [2, 8])
@pytest.mark.parametrize("reads", [0.0, 0.3])
def test_every_event_is_counted_once(kinds, reads):
    """Each kind at the highest rate that is allowed, at every phase of the round."""
    rng = np.random.default_rng(kinds)
    apart, start, end = 4 * kinds + 4, 4 * kinds + 1, 60 * kinds + 500
    events = np.zeros((end, kinds), dtype=int)
    # Reads stop the round for their cycle, and events are given that time too.
    reading = rng.random(end) < reads
    for kind in range(kinds):
        cycle = start + int(rng.integers(0, apart))
        while cycle < end - 1:
            events[cycle, kind] = 1
            cycle += apart + int(rng.integers(0, 5))
            cycle += int(reading[cycle - apart : cycle].sum()) * 2 if reads else 0
    quiet = 8 * kinds + 8

    def drive(cycle):
        if cycle < end:
            bits = sum(int(bit) << kind for kind, bit in enumerate(events[cycle]))
            return bits, int(reading[cycle]), int(rng.integers(0, kinds))
        address = cycle - end - quiet
        return 0, int(address >= 0), max(0, address) % kinds

    seen = run(kinds, end + quiet + kinds, drive)
    assert seen[-kinds:] == events.sum(axis=0).tolist()
    assert min(seen[-kinds:]) > 5


@pytest.mark.parametrize("phase", range(36))
def test_an_event_is_counted_in_time_and_none_is_counted_twice(phase):
    """A single event, and one more as soon as it is allowed."""
    kinds, start = 8, 40
    apart = 4 * kinds + 4
    when = {start + phase, start + phase + apart}
    done = start + phase + 4 * kinds + 5
    seen = run(
        kinds,
        start + phase + 3 * apart,
        lambda cycle: ((1 << 5) * (cycle in when), int(cycle == done or cycle > done + 50), 5),
    )
    assert seen[done] == 1
    assert seen[-1] == 2


def test_reading_shows_the_kind_that_is_asked_for_and_holds_the_round():
    """Of eight kinds each has had another number of events."""
    kinds = 8

    def drive(cycle):
        bits = sum(
            (cycle >= 40 and (cycle - 40) % 36 == 0 and (cycle - 40) // 36 <= kind) << kind
            for kind in range(kinds)
        )
        late = cycle - 500
        return bits, int(late >= 0), late % kinds if late >= 0 else 0

    assert run(kinds, 516, drive)[500:] == [1, 2, 3, 4, 5, 6, 7, 8] * 2


def test_memories_hold_anything_after_a_reset():
    """What was counted before is forgotten, and what comes before all had their turn waits."""
    from amaranth.hdl import ResetInserter, Signal

    reset = Signal()
    dut = EventCounters(4)
    seen = []

    async def process(ctx):
        for cycle in range(220):
            ctx.set(dut.events, 0b1111 * (cycle in {30, 60, 90, 122}))
            ctx.set(reset, cycle == 120)
            ctx.set(dut.read, cycle > 200)
            ctx.set(dut.address, cycle % 4)
            seen.append(ctx.get(dut.data))
            await ctx.tick()

    simulator = Simulator(ResetInserter(reset)(dut))
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert seen[201:] == [1] * 19


def test_ports():
    dut = EventCounters(16)
    assert [len(port) for port in (dut.events, dut.read, dut.address)] == [16, 1, 4]
    assert len(dut.data) == BITS == 24


@pytest.mark.parametrize("kinds", [0, 1, 3, 12])
def test_kinds_are_a_power_of_two(kinds, refusing):
    with pytest.raises(ValueError, match=f"kinds must be a power of two, not {kinds}"):
        EventCounters(kinds)
