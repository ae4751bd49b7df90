"""A stored window, replayed: what the core is given, what is taken of it, what is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.link.replay import COUNT_BITS, CYCLE_BITS, Replay

LATE = 2
"""Cycles from the last result to where it has been compared."""

WINDOW = [5, -6, 700, -2048, 2047]


@dataclass
class Seen:
    """What happened: cycles of every kind of event."""

    samples: list[tuple[int, int, int]] = field(default_factory=list)
    takes: list[int] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    active: list[int] = field(default_factory=list)
    told: list[tuple[int, int, int]] = field(default_factory=list)
    """Cycles, windows and differing in every cycle."""
    offered: int | None = None
    presented: list[int] = field(default_factory=list)


class Core:
    """A core that takes samples when it likes, and presents a result some cycles after each window.

    `classes` are the results' classes in turn; the result stands until it is taken.
    """

    def __init__(self, classes, ready, delay):
        self._classes, self._ready, self._delay = list(classes), ready, delay
        self._due = []
        self._count = 0
        self.given = 0

    def ready(self, cycle):
        return int(self._ready(cycle))

    def took(self, cycle):
        self._count += 1
        if self._count % len(WINDOW) == 0:
            self._due.append(cycle + self._delay)

    def result(self, cycle):
        """Return class of the result that stands, or None."""
        if self._due and self._due[0] <= cycle:
            return self._classes[self.given]
        return None

    def gone(self):
        self._due.pop(0)
        self.given += 1


def replay(
    count,
    classes,
    *,
    ready=lambda cycle: True,
    delay=4,
    wait=3,
    before=None,
    window=WINDOW,
    dut=None,
):
    """Store and replay a window; take the last result `wait` cycles after it was presented."""
    dut = dut or Replay(len(window), 12, 3)
    core, seen = Core(classes, ready, delay), Seen()

    async def process(ctx):
        for address, value in enumerate(window):
            ctx.set(dut.store.enable, 1)
            ctx.set(dut.store.address, address)
            ctx.set(dut.store.value, value & 0xFFF)
            await ctx.tick()
        ctx.set(dut.store.enable, 0)
        ctx.set(dut.store.value, 77)
        ctx.set(dut.store.address, 0)
        await ctx.tick().repeat(3)
        if before is not None:
            await before(ctx, dut)
        ctx.set(dut.start, 1)
        ctx.set(dut.count, count)
        await ctx.tick()
        ctx.set(dut.start, 0)
        ctx.set(dut.count, 0)
        done = None
        for cycle in range(1, 40 + (len(window) + delay + 40) * count * 4):
            shown = core.result(cycle)
            ctx.set(dut.samples.ready, core.ready(cycle))
            ctx.set(dut.result, int(shown is not None))
            ctx.set(dut.mark, shown if shown is not None else cycle % 8)
            if shown is not None:
                seen.presented.append(cycle)
            ctx.set(dut.done, int(done == cycle))
            seen.active.append(ctx.get(dut.active))
            seen.told.append(
                (ctx.get(dut.cycles), ctx.get(dut.windows), ctx.get(dut.differing))
            )  # fmt: skip
            if ctx.get(dut.samples.valid):
                seen.offered = seen.offered or cycle
                if core.ready(cycle):
                    sample = ctx.get(dut.samples.p)
                    seen.samples.append((cycle, sample["value"], sample["first"]))
                    core.took(cycle)
            if ctx.get(dut.take):
                seen.takes.append(cycle)
                core.gone()
            if ctx.get(dut.finished):
                seen.finished.append(cycle)
                done = done or cycle + wait
            if done is not None and cycle == done:
                core.gone()
            if done is not None and cycle > done + 10:
                return
            await ctx.tick()
        raise AssertionError("it never ended")

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return seen


def assert_samples(seen, count, window=WINDOW):
    assert [value for _, value, _ in seen.samples] == window * count
    assert [first for *_, first in seen.samples] == ([1] + [0] * (len(window) - 1)) * count


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("wait", [1, 6])
def test_replay(count, wait):
    seen = replay(count, [2] * count, wait=wait)
    assert_samples(seen, count)
    # A sample a cycle, the first 5 cycles after the start.
    assert [cycle for cycle, *_ in seen.samples] == list(range(5, 5 + 5 * count))
    # It is active from the cycle after the start to the one in which the result is taken.
    ends = seen.finished[0] + wait
    assert seen.active == [1] * ends + [0] * (len(seen.active) - ends)
    assert seen.finished == list(range(seen.finished[0], ends + 1))
    assert len(seen.takes) == count - 1
    assert seen.finished[0] - LATE == seen.samples[-1][0] + 4
    assert seen.told[-1] == (seen.finished[0] - LATE - 5, count, 0)


def test_every_result_but_the_last_is_taken_as_soon_as_it_can_be():
    seen = replay(4, [1] * 4, delay=2)
    # A result comes every five cycles, two after the last sample of its window.
    assert seen.takes == [5 + 5 * number + 6 for number in range(3)]
    assert seen.finished[0] - LATE == 5 + 5 * 3 + 6


def test_a_core_that_takes_long_to_answer_gets_the_windows_all_the_same():
    seen = replay(3, [1] * 3, delay=30)
    assert_samples(seen, 3)
    assert len(seen.takes) == 2
    assert seen.told[-1] == (seen.finished[0] - LATE - 5, 3, 0)


@pytest.mark.parametrize("seed", range(4))
def test_a_core_that_takes_samples_when_it_likes(seed):
    rng = np.random.default_rng(seed)
    ready = (rng.random(4_000) < (0.15, 0.5, 0.8, 0.95)[seed]).tolist()
    seen = replay(6, [1] * 6, ready=ready.__getitem__)
    assert_samples(seen, 6)
    assert seen.offered == 5
    assert seen.told[-1] == (seen.finished[0] - LATE - 5, 6, 0)
    # While the core does not take it, a sample stands: nothing is lost in a jam of any length.
    taken = [cycle for cycle, *_ in seen.samples]
    assert taken == [cycle for cycle in range(5, taken[-1] + 1) if ready[cycle]]


def test_a_jam_then_a_sample_a_cycle():
    """The queue holds what the memory gave while the core was not ready, and no more."""
    seen = replay(3, [1] * 3, ready=lambda cycle: cycle > 40)
    assert_samples(seen, 3)
    assert [cycle for cycle, *_ in seen.samples] == list(range(41, 56))
    # the clock of the measurement runs since the first was offered
    assert seen.told[-1][0] == seen.finished[0] - LATE - 5


@pytest.mark.parametrize(
    ("classes", "differing"),
    [
        ([3], 0), ([3, 3, 3], 0), ([3, 2, 3], 1), ([3, 3, 2], 1), ([0, 4, 4, 0, 1], 3),
        ([7, 6, 5, 4, 3], 4),
    ],
)  # fmt: skip
def test_classes_are_compared_with_the_first(classes, differing):
    seen = replay(len(classes), classes, wait=5)
    assert seen.told[-1][1:] == (len(classes), differing)
    # All is known when the last result is said to be there: it may be taken, and told, at once.
    assert seen.told[seen.finished[0] - 1] == seen.told[-1]


def test_a_second_replay_begins_anew():
    """It counts from zero, compares with its own first, and starts at the window's start."""

    async def before(ctx, dut):
        ctx.set(dut.start, 1)
        ctx.set(dut.count, 1)
        await ctx.tick()
        ctx.set(dut.start, 0)
        ctx.set(dut.samples.ready, 1)
        await ctx.tick().repeat(20)
        ctx.set(dut.mark, 6)
        ctx.set(dut.result, 1)
        await ctx.tick().repeat(9)
        assert ctx.get(dut.finished)
        assert ctx.get(dut.cycles) > 10
        ctx.set(dut.done, 1)
        await ctx.tick()
        ctx.set(dut.done, 0)
        ctx.set(dut.result, 0)
        await ctx.tick().repeat(4)

    seen = replay(3, [1, 1, 2], before=before)
    assert_samples(seen, 3)
    assert seen.offered == 5
    assert seen.told[-1] == (seen.finished[0] - LATE - 5, 3, 1)


def test_nothing_is_counted_or_taken_while_it_is_not_active():
    async def before(ctx, dut):
        ctx.set(dut.result, 1)
        ctx.set(dut.samples.ready, 1)
        for cycle in range(20):
            ctx.set(dut.mark, cycle % 8)
            state = [dut.take, dut.finished, dut.active, dut.samples.valid]
            assert [ctx.get(port) for port in state] == [0] * 4
            counts = [dut.cycles, dut.windows, dut.differing]
            assert [ctx.get(port) for port in counts] == [0] * 3
            await ctx.tick()
        ctx.set(dut.result, 0)

    assert_samples(replay(2, [1, 1], before=before), 2)


def test_widths():
    dut = Replay(1000, 12, 3)
    assert (CYCLE_BITS, COUNT_BITS) == (40, 16)
    widths = {"count": 16, "windows": 16, "differing": 16, "cycles": 40, "mark": 3}
    widths |= dict.fromkeys(("start", "active", "result", "take", "finished", "done"), 1)
    assert {name: len(getattr(dut, name)) for name in widths} == widths
    assert [len(port) for port in (dut.store.address, dut.store.value)] == [10, 12]
