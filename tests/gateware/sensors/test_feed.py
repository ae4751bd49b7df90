"""Samples on their way to the core: losses are counted, breaks are marked, windows overlap."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.sensors.feed import Feed, Overlap

N = 8


def simulate(dut, drive, *, ready, cycles):
    """Run; `drive(cycle)` gives inputs to set. Return samples taken, and outputs by cycle."""
    taken, trace = [], []

    async def process(ctx):
        standing = None
        for cycle in range(cycles):
            for port, value in drive(cycle):
                ctx.set(port, value)
            ctx.set(dut.o.ready, int(ready(cycle)))
            if ctx.get(dut.o.valid):
                sample = ctx.get(dut.o.p)
                now = (sample["value"], sample["first"])
                assert standing in (None, now), "a sample must stand until it is taken"
                standing = None if ready(cycle) else now
                if ready(cycle):
                    taken.append(now)
            else:
                assert standing is None, "a sample must stand until it is taken"
            trace.append(
                {n: ctx.get(getattr(dut, n)) for n in ("overruns", "lost") if hasattr(dut, n)}
            )
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return taken, trace


def feed(
    *, every=N, ready=lambda cycle: True, run=lambda cycle: True, breaks=(), cycles=200, step=4
):
    dut = Feed(8, N, every)

    def drive(cycle):
        comes = cycle % step == 0
        index = cycle // step
        yield dut.run, int(run(cycle))
        yield dut.i.valid, int(comes)
        yield dut.i.p, {"value": index % 100, "first": index == 0 or index in breaks}

    return simulate(dut, drive, ready=ready, cycles=cycles)


def test_windows_are_marked():
    taken, trace = feed()
    assert [value for value, _ in taken] == list(range(50))
    assert [value for value, first in taken if first] == list(range(0, 50, N))
    assert trace[-1] == {"overruns": 0, "lost": 0}


@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_windows_of_every_length_are_marked(every):
    taken, _ = feed(every=every, breaks=(12,))
    marks = [*range(0, 12, every), *range(12, 50, every)]
    assert [value for value, first in taken if first] == marks


def test_an_endless_stream_is_marked_once():
    taken, _ = feed(every=None)
    assert [value for value, first in taken if first] == [0]


def test_a_break_begins_a_window():
    taken, trace = feed(breaks=(11,))
    assert [value for value, first in taken if first] == [0, 8, 11, 19, 27, 35, 43]
    assert trace[-1]["overruns"] == 0


def test_a_loss_is_counted_and_told_and_begins_a_window():
    # Samples come in cycles 0, 4, 8 ...; number 13, offered from 53, stands until 62.
    taken, trace = feed(ready=lambda cycle: not 53 <= cycle < 62)
    assert [value for value, _ in taken] == [*range(14), *range(16, 50)]
    assert [value for value, first in taken if first] == [0, 8, 16, 24, 32, 40, 48]
    assert [entry["overruns"] for entry in trace[54:64:2]] == [0, 0, 1, 1, 2]
    told = [cycle for cycle, entry in enumerate(trace) if entry["lost"]]
    assert told[0] == 57
    assert told == list(range(told[0], told[-1] + 1))
    assert sum(told[0] <= 4 * value + 1 <= told[-1] for value in range(16, 50)) == N - 1


def test_what_comes_while_nobody_wants_it_is_no_loss():
    taken, trace = feed(run=lambda cycle: not 50 <= cycle < 70)
    assert [value for value, _ in taken] == [*range(13), *range(18, 50)]
    assert [value for value, first in taken if first] == [0, 8, 18, 26, 34, 42]
    assert trace[-1]["overruns"] == 0


def test_the_count_stays_at_its_end():
    dut = Feed(8, N, N)

    async def process(ctx):
        ctx.set(dut.run, 1)
        ctx.set(dut.i.valid, 1)
        await ctx.tick().repeat(3)
        assert ctx.get(dut.overruns) == 2

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()


def overlap(hop, *, ready, step, breaks=(), samples=60, window=N):
    """Return windows as they leave, and how often a sample had to wait for more than `step`."""
    dut = Overlap(8, window, hop)
    state = {"index": 0, "due": 0, "late": 0}

    def drive(cycle):
        yield dut.i.valid, int(cycle >= state["due"] and state["index"] < samples)
        index = state["index"]
        yield dut.i.p, {"value": index, "first": index == 0 or index in breaks}

    taken = []

    async def process(ctx):
        for cycle in range(samples * (step + 16)):
            for port, value in drive(cycle):
                ctx.set(port, value)
            ctx.set(dut.o.ready, int(ready(cycle)))
            if ctx.get(dut.o.valid) and ready(cycle):
                sample = ctx.get(dut.o.p)
                taken.append((sample["value"], sample["first"]))
            if ctx.get(dut.i.valid) and ctx.get(dut.i.ready):
                state["index"] += 1
                state["due"] += step
                state["late"] += cycle >= state["due"]
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert len(taken) % window == 0
    windows = [taken[at : at + window] for at in range(0, len(taken), window)]
    assert all([first for _, first in one] == [1] + [0] * (window - 1) for one in windows)
    return [[value for value, _ in one] for one in windows], state["late"]


def expected(hop, pieces, window=N):
    """Return the windows of unbroken pieces (start, end)."""
    return [
        list(range(begin, begin + window))
        for start, end in pieces
        for begin in range(start, end - window + 1, hop)
    ]


@pytest.mark.parametrize("hop", [1, 3, 4, 8])
@pytest.mark.parametrize("step", [1, 5, 13])
def test_windows_overlap(hop, step):
    rng = np.random.default_rng(hop + step)
    pattern = rng.integers(0, 4, 4096) > 0
    windows, late = overlap(hop, ready=lambda cycle: pattern[cycle % 4096], step=step)
    assert windows == expected(hop, [(0, 60)])
    if step == 13 and hop > 1:
        assert late == 0, "a slow stream never waits"


@pytest.mark.parametrize("window", [5, 8])
def test_a_break_in_the_stream(window):
    windows, _ = overlap(3, ready=lambda cycle: True, step=4, breaks=(13, 20), window=window)
    assert windows == expected(3, [(0, 13), (13, 20), (20, 60)], window)


def test_a_window_leaves_at_a_sample_a_cycle():
    dut = Overlap(8, 64, 64)
    cycles = []

    async def process(ctx):
        ctx.set(dut.o.ready, 1)
        for index in range(64):
            ctx.set(dut.i.p, {"value": index, "first": index == 0})
            ctx.set(dut.i.valid, 1)
            await ctx.tick()
        ctx.set(dut.i.valid, 0)
        for cycle in range(80):
            if ctx.get(dut.o.valid):
                cycles.append(cycle)
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert cycles == list(range(cycles[0], cycles[0] + 64))
    assert cycles[0] == 4


def test_parameters(refusing):
    with pytest.raises(ValueError, match=r"hop must be at most window \(8\), not 9"):
        Overlap(8, 8, 9)
    with pytest.raises(ValueError, match="every must be at least 2, not 1"):
        Feed(8, 8, 1)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((8, 1, 1), "window must be at least 2, not 1"),
        ((8, 8, 0), "hop must be at least 1, not 0"),
    ],
)
def test_overlaps_that_make_no_sense(given, text, refusing):
    with pytest.raises(ValueError, match=text):
        Overlap(*given)


def test_the_least_overlap_is_taken(refusing):
    assert len(Overlap(8, 2, 1).o.p.value) == 8
