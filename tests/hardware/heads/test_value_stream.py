"""Values wait in memory and leave one by one: none lost, none twice, whatever stalls."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.hardware.heads.value_stream import ValueStream
from hwgen.plans import depths
from hwgen.plans.value_stream import ValueStreamPlan
from tests.hardware.conftest import as_plain, run_bench

LIMIT = 6000


@dataclass
class Seen:
    """What left, and the cycles of what happened."""

    windows: list[list[int]] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    knowns: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)


def turns_of(plan: ValueStreamPlan, window: list[int], rng) -> list[tuple[int, list[int]]]:
    """Return which output's values come in which order: outputs take turns at random."""
    left, base = [], 0
    for count in plan.counts:
        row = window[base : base + count]
        left.append([row[i : i + plan.at_once] for i in range(0, count, plan.at_once)])
        base += count
    turns = []
    while any(left):
        number = int(rng.choice([n for n, words in enumerate(left) if words]))
        turns.append((number, left[number].pop(0)))
    return turns


def run(plan, windows, kinds, *, seed=0, gaps=0.0, ready=lambda cycle: True, pause=0) -> Seen:
    """Send windows, each of which is kept, dropped when it is known, or aborted before that.

    `pause` cycles pass from the last of a window's values to where they are known.
    """
    rng = np.random.default_rng(seed)
    dut, seen = ValueStream(plan), Seen()
    owed = sum(kind == "kept" for kind in kinds)

    async def process(ctx, _):
        standing, current, cycle = None, [], 0
        was_room = 1

        async def tick(**inputs):
            nonlocal standing, current, cycle, was_room
            for name in ("begin", "known", "drop", "abort"):
                ctx.set(getattr(dut, name), inputs.get(name, 0))
            ctx.set(dut.write, 1 << inputs["number"] if "number" in inputs else 0)
            ctx.set(dut.values, inputs.get("values", [0x55 >> 1] * plan.at_once))
            ctx.set(dut.o.ready, bool(ready(cycle)))
            room = ctx.get(dut.room)
            if room and not was_room:
                seen.rooms.append(cycle)
            was_room = room
            for name, found in (("begin", seen.begins), ("known", seen.knowns)):
                if inputs.get(name):
                    found.append(cycle)
            if ctx.get(dut.o.valid):
                now = as_plain(ctx.get(dut.o.p))
                assert standing in (None, now), "a value must stand until it is taken"
                if standing is None and now["first"]:
                    seen.firsts.append(cycle)
                standing = now
                if ready(cycle):
                    assert now["first"] == (not current)
                    current.append(now["value"])
                    assert now["last"] == (len(current) == plan.numbers)
                    standing = None
                    if now["last"]:
                        seen.windows.append(current)
                        seen.lasts.append(cycle)
                        current = []
            else:
                assert standing is None, "a value must stand until it is taken"
            cycle += 1
            assert cycle < LIMIT, "it does not end"
            await ctx.tick()

        for window, kind in zip(windows, kinds, strict=True):
            while not ctx.get(dut.room) or rng.random() < gaps:
                await tick()
            await tick(begin=1)
            turns = turns_of(plan, window, rng)
            if kind == "aborted":
                turns = turns[: int(rng.integers(0, len(turns) + 1))]
            for number, values in turns:
                while rng.random() < gaps:
                    await tick()
                await tick(number=number, values=values)
            for _ in range(pause):
                await tick()
            if kind == "aborted":
                await tick(abort=1)
            else:
                await tick(known=1, drop=int(kind == "dropped"))
        while len(seen.windows) < owed:
            await tick()
        for _ in range(10):
            await tick()

    run_bench(dut, process)
    return seen


def drawn(plan: ValueStreamPlan, count: int, seed: int = 1) -> list[list[int]]:
    high = 1 << (plan.width - 1)
    return np.random.default_rng(seed).integers(-high, high, (count, plan.numbers)).tolist()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    st.sampled_from([1, 2, 4]),
    st.lists(st.sampled_from(["kept", "kept", "dropped", "aborted"]), min_size=1, max_size=8),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([1.0, 0.5, 0.1]),
    st.integers(0, 1 << 16),
)
def test_windows_leave_whole_and_in_order(counts, at_once, kinds, gaps, often, seed):
    """Stalls, outputs that take turns, and windows given up before or when they are known."""
    plan = ValueStreamPlan(tuple(count * at_once for count in counts), 7, at_once)
    windows = drawn(plan, len(kinds), seed)
    stalls = np.random.default_rng(seed).random(LIMIT) < often
    seen = run(plan, windows, kinds, seed=seed, gaps=gaps, ready=stalls.__getitem__)
    kept = [window for window, kind in zip(windows, kinds, strict=True) if kind == "kept"]
    assert seen.windows == kept


@pytest.mark.parametrize(("counts", "at_once"), [((1,), 1), ((9,), 1), ((40, 8), 4), ((4, 4), 2)])
def test_a_value_a_cycle_behind_the_window(counts, at_once):
    plan = ValueStreamPlan(counts, 7, at_once)
    seen = run(plan, drawn(plan, 1), ["kept"])
    # A result is presented in the cycle behind the one in which it is known.
    assert seen.firsts == [seen.knowns[0] + 1 + depths.VALUE]
    assert seen.lasts == [seen.firsts[0] + plan.numbers - 1]


@pytest.mark.parametrize(("count", "at_once"), [(1, 1), (3, 1), (40, 1), (40, 4), (12, 4)])
def test_room_comes_when_the_plan_says(count, at_once):
    plan = ValueStreamPlan((count,), 7, at_once)
    seen = run(plan, drawn(plan, 3), ["kept"] * 3, pause=plan.numbers)
    assert seen.begins[2] == max(seen.knowns[0] + plan.held, seen.knowns[1] + 1)


@pytest.mark.parametrize("pause", [0, 3, 30, 60, 200])
def test_windows_are_as_far_apart_as_the_plan_says(pause):
    """Of windows that are begun as soon as there is room."""
    plan = ValueStreamPlan((60,), 7)
    count = 9
    seen = run(plan, drawn(plan, count), ["kept"] * count, pause=pause)
    apart = (seen.knowns[-1] - seen.knowns[-5]) / 4
    latency = seen.knowns[0] - seen.begins[0]
    # One window is worked on at a time here.
    assert apart == max(plan.apart(latency), latency + 1)


def test_nothing_leaves_while_it_is_not_taken():
    """Two windows wait, and no third begins."""
    plan = ValueStreamPlan((6,), 7)
    ready = [False] * 300 + [True] * LIMIT
    seen = run(plan, drawn(plan, 4), ["kept"] * 4, ready=ready.__getitem__)
    assert seen.windows == drawn(plan, 4)
    assert [begin > 300 for begin in seen.begins] == [False, False, True, True]
