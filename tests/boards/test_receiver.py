"""The sample register: what the core sees when frames are broken and when it stalls."""

from __future__ import annotations

import itertools

import pytest
from amaranth.sim import Simulator

from hwgen import protocol
from hwgen.boards.receiver import FrameReceiver

GAP = 8
TIMEOUT = 100


def run(data, stall_until=0, done_at=(), samples=4):
    """Feed bytes; return what the core saw as (cycle, valid, ready, value, first, abandon)."""
    dut = FrameReceiver(samples, 16, TIMEOUT)
    seen = []
    cycles = len(data) * GAP + 2 * TIMEOUT

    async def feed(ctx):
        for byte in data:
            ctx.set(dut.i.payload, byte)
            ctx.set(dut.i.valid, 1)
            await ctx.tick()
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(GAP - 1)
        await ctx.tick().repeat(2 * TIMEOUT)

    async def core(ctx):
        for cycle in range(cycles):
            ctx.set(dut.samples.ready, cycle >= stall_until)
            ctx.set(dut.done, cycle in done_at)
            seen.append((
                cycle, ctx.get(dut.samples.valid), cycle >= stall_until,
                ctx.get(dut.samples.p.value), ctx.get(dut.samples.p.first), ctx.get(dut.abandon),
            ))  # fmt: skip
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(feed)
    simulator.add_testbench(core, background=True)
    simulator.run()
    return seen


def taken(seen):
    return [(value, first) for _, valid, ready, value, first, _ in seen if valid and ready]


def assert_offers_are_held(seen):
    for now, then in itertools.pairwise(seen):
        _, valid, ready, *payload, _ = now
        if valid and not ready:
            assert then[1] == 1
            assert list(then[3:5]) == payload


def test_good_window_passes_whole():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8]))
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0), (-8, 0)]
    assert not any(abandon for *_, abandon in seen)


def test_bad_check_sum_withholds_the_last_sample_and_abandons():
    frame = bytearray(protocol.encode_window(1, [5, -6, 7, -8]))
    frame[-1] ^= 1
    seen = run(bytes(frame))
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0)]
    assert sum(abandon for *_, abandon in seen) == 1


def test_break_before_the_first_sample_does_not_abandon():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8])[:10])
    assert taken(seen) == []
    assert not any(abandon for *_, abandon in seen)


def test_offered_sample_is_held_and_void_when_the_frame_breaks():
    data = protocol.encode_window(1, [5, -6, 7, -8])[:12]  # one sample
    stall = 12 * GAP + TIMEOUT + 30
    seen = run(data, stall_until=stall)
    assert_offers_are_held(seen)
    voided = [abandon for _, valid, ready, *_, abandon in seen if valid and ready]
    assert voided == [1]  # taken once, while it is void
    assert seen[-1][-1] == 0  # and then it is over


def test_slow_core_is_offered_samples_until_it_takes_them():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8]), stall_until=13 * GAP)
    assert_offers_are_held(seen)
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0), (-8, 0)]


def test_the_next_window_s_last_sample_waits_for_the_result_to_go():
    frames = protocol.encode_window(1, [5, -6, 7, -8]) + protocol.encode_window(2, [1, 2, 3, 4])
    assert taken(run(frames))[4:] == [(1, 1), (2, 0), (3, 0)]
    done = len(frames) * GAP + 50
    seen = run(frames, done_at=(done,))
    assert taken(seen)[4:] == [(1, 1), (2, 0), (3, 0), (4, 0)]
    assert min(cycle for cycle, valid, *_ in seen[done - 20 :] if valid) > done


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, 16, 10), ValueError),
        ((8, 17, 10), ValueError),
        ((8, 0, 10), ValueError),
        ((8, 16, 0), ValueError),
        ((8.0, 16, 10), TypeError),
    ],
)
def test_parameters_are_checked(arguments, error, refusing):
    with pytest.raises(error, match="must be"):
        FrameReceiver(*arguments)
