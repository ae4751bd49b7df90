"""The whole accelerator against the golden model, whatever happens at its ports."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen import golden
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.contract import result_layout
from hwgen.plans.design import Design
from hwgen.plans.facts import Answer
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision

NETWORKS = {
    "published shape": ({"window": 128, "convs": ((4, 8, 4, 2, 2),), "classes": 10}, Array(4, 2)),
    "odd filters": ({"window": 64, "convs": ((5, 7, 3, 4, 3),), "classes": 3}, Array(3, 4)),
    "no pool": ({"window": 64, "convs": ((3, 4, 4, 0, 0),), "classes": 5}, Array(2, 4)),
    "two convs": ({"window": 64, "convs": ((3, 5, 2, 2, 2), (4, 3, 1, 1, 2))}, Array(2, 3)),
    "hidden": ({"window": 32, "convs": ((2, 3, 1, 1, 2),), "hidden": 7, "classes": 2}, Array(7, 1)),
    "no conv": ({"window": 32, "convs": (), "hidden": 5, "classes": 6}, Array(5, 3)),
    "dense only": ({"window": 16, "convs": (), "classes": 3}, Array(1, 1)),
    "smallest window": ({"window": 16, "convs": ((2, 3, 1, 1, 2),), "classes": 2}, Array(2, 2)),
    "longest window": ({"window": 256, "convs": ((2, 16, 8, 4, 2),), "classes": 3}, Array(2, 4)),
    "wide padding": ({"window": 32, "convs": ((3, 15, 5, 14, 2),), "classes": 4}, Array(1, 16)),
}


@pytest.fixture(scope="module")
def build(make_example):
    """Return a function that builds a core and gives windows and their expected logits."""

    def make(shape: dict, array: Array, *, windows: int = 4, seed: int = 2, dsp: int = 4, **fields):
        model = make_example(seed, **shape, **fields).model
        core = generate(plan(model, Design(array, dsp)))
        limit = 1 << (model.bits.adc - 1)
        rng = np.random.default_rng(seed)
        loud = 2.0 ** rng.uniform(-7, 0, (windows, 1))
        samples = (rng.uniform(-limit, limit, (windows, model.input_samples)) * loud).astype(int)
        samples[0] = np.where(np.arange(model.input_samples) % 8 < 4, limit - 1, -limit)
        return core, samples, golden.run(model, samples)

    return make


@pytest.fixture(scope="module")
def small(build):
    """A core for tests of what happens at the ports; each simulation needs a fresh one."""
    return lambda **fields: build(NETWORKS["hidden"][0], Array(2, 2), **fields)


def check(record, expected: np.ndarray) -> None:
    """Compare all logits and classes, and the cycle counter with the cycles that passed."""
    assert record.logits == expected.tolist()
    assert record.classes == golden.classify(expected).tolist()


def counted(record, ends: list[int]) -> None:
    for result, end in zip(record.results, ends, strict=True):
        assert result.cycles == result.presented - end


def ends_of(record, window: int) -> list[int]:
    """Return the cycles in which last samples were taken, of windows that came whole."""
    ends, count = [], 0
    for cycle, sample in record.taken:
        count = 1 if sample.first else count + 1
        if count == window:
            ends.append(cycle)
    return ends


@pytest.mark.parametrize("network", NETWORKS)
def test_latency_gaps_and_stalls(build, programs, network):
    shape, array = NETWORKS[network]
    core, samples, expected = build(shape, array, windows=5 if shape["window"] <= 64 else 3)
    rng = np.random.default_rng(1)
    program = [*programs.window(samples[0]), programs.gap(core.plan.timing.latency + 9)]
    calm = core.plan.input_samples + core.plan.timing.latency + 9
    for step in itertools.chain.from_iterable(map(programs.window, samples[1:])):
        program.append(step)
        if rng.random() < 0.1:
            program.append(programs.gap(int(rng.integers(1, 6))))
    phases = rng.random(20_000) < np.repeat(rng.choice([0.02, 0.5, 1.0], 200), 100)
    phases[:calm] = True
    record = programs.run(core, program, ready=phases.__getitem__)
    check(record, expected)
    counted(record, ends_of(record, core.plan.input_samples))
    assert record.results[0].cycles == core.plan.timing.latency
    # Inside a window no sample ever waits.
    assert all(sample.first for _, sample in record.waits)
    assert (core.plan.classes, core.plan.adc_bits) == (expected.shape[1], 16)
    assert sum(cycles for _, cycles in core.plan.timing.breakdown) == core.plan.timing.latency


@pytest.mark.parametrize("network", ["dense only", "hidden"])
def test_short_windows_back_to_back(build, programs, network):
    shape, array = NETWORKS[network]
    core, samples, expected = build(shape, array, windows=7)
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)
    counted(record, ends_of(record, core.plan.input_samples))
    # An estimate where the pipelines are longer than a window, but never too good.
    starts = record.starts
    assert (starts[-1] - starts[2]) / (len(starts) - 3) <= core.plan.timing.interval


def test_interval_where_the_array_is_slower_than_the_input(build, programs):
    shape = {"window": 512, "convs": ((2, 8, 8, 0, 4),), "classes": 2}
    core, samples, expected = build(shape, Array(1, 1), windows=3)
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)
    counted(record, ends_of(record, 512))
    presented = [result.presented for result in record.results]
    assert (np.diff(presented) == core.plan.timing.interval).all()
    assert core.plan.timing.interval > 512


def test_long_windows_flow_and_wait_for_room_in_memory(build, programs):
    """More windows than the feature memory holds are under way when the results do not leave."""
    # A single layer: while a result stands, three windows have no use for their features yet.
    shape = {"window": 512, "convs": (), "classes": 2}
    core, samples, expected = build(shape, Array(1, 4), windows=7)
    assert core.plan.timing.interval == 512
    flow = 2 * 512 + core.plan.timing.latency + 1  # until the second result is out
    hold = 6 * 512 + core.plan.timing.latency
    record = programs.run(
        core,
        [step for window in samples for step in programs.window(window)],
        ready=lambda cycle: not flow < cycle <= hold,
    )
    check(record, expected)
    assert record.starts[:6] == [512 * index for index in range(6)]
    assert [result.cycles for result in record.results[:3]] == [core.plan.timing.latency] * 3
    assert sum(start < hold for start in record.starts) == 2 + core.plan.timing.in_flight == 6


def test_the_slower_array_is_slower(build):
    shape = NETWORKS["published shape"][0]
    fast, slow = (build(shape, array)[0] for array in (Array(4, 8), Array(1, 1)))
    assert slow.plan.timing.latency > fast.plan.timing.latency
    assert slow.plan.timing.interval > fast.plan.timing.interval


@pytest.mark.parametrize(
    "bits",
    [
        Precision(
            adc=8, data=12, twiddle=8, feature=4, conv_weight=3, activation=3, dense_weight=2
        ),
        Precision(adc=12, feature=12, conv_weight=10, activation=11, dense_weight=9),
        Precision(feature=16, conv_weight=16, activation=16, dense_weight=16),
        Precision(magnitude="max-3/8", full_scale=4.0),
    ],
    ids=["narrow", "uneven", "wide", "other magnitude"],
)
def test_other_widths(build, programs, bits):
    core, samples, expected = build(NETWORKS["hidden"][0], Array(2, 4), windows=3, bits=bits)
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)


def test_all_negative_logits_and_ties(make_example, programs):
    model = make_example(4, window=32, convs=(), classes=4).model
    last = model.ops[-1]
    for row in (2, 3):  # the same logits in two rows, larger than the others'
        last.weight.setflags(write=True)
        last.bias.setflags(write=True)
        last.weight[row], last.bias[row], last.align[row] = -1, -50, last.align[2]
    last.weight[:2], last.bias[:2] = -2, -900
    samples = np.random.default_rng(1).integers(-9000, 9000, (3, 32))
    expected = golden.run(model, samples)
    assert (expected < 0).all()
    assert golden.classify(expected).tolist() == [2, 2, 2]
    core = generate(plan(model, Design(Array(1, 4), 4)))
    check(programs.run(core, [s for w in samples for s in programs.window(w)]), expected)


def test_a_long_stall_holds_the_samples_and_loses_nothing(small, programs):
    core, samples, expected = small(windows=7)
    hold = 6 * core.plan.timing.latency
    record = programs.run(
        core,
        [step for window in samples for step in programs.window(window)],
        ready=lambda cycle: cycle > hold,
    )
    check(record, expected)
    counted(record, ends_of(record, core.plan.input_samples))
    assert record.results[0].presented < hold
    before = [start for start in record.starts if start < hold]
    assert len(before) == core.plan.timing.in_flight
    assert all(sample.first for _, sample in record.waits)


def test_ready_before_valid_makes_no_difference(small, programs):
    core, samples, expected = small(windows=3)
    program = [step for window in samples for step in programs.window(window)]
    # Taken in the very cycle after it was presented, and only then.
    record = programs.run(core, program, ready=lambda cycle: cycle % 2 == 0)
    check(record, expected)


@pytest.mark.parametrize("cycles", [1, 3])
def test_a_window_abandoned_in_the_middle(small, programs, cycles):
    places = [1, 7, 16, 17, 25, 31]
    core, samples, expected = small(windows=2 * len(places) + 1)
    program = programs.window(samples[-1])
    for place, partial, whole in zip(places, samples[0:-1:2], samples[1::2], strict=True):
        program += [
            *programs.window(partial)[:place],
            programs.abandon(cycles),
            *programs.window(partial)[place:],  # its rest is not marked, and ignored
            *programs.window(whole),
        ]
    check(programs.run(core, program), expected[[-1, *range(1, len(samples), 2)]])


def test_a_new_first_gives_up_the_window_before(small, programs):
    places = [1, 2, 15, 16, 31]
    core, samples, expected = small(windows=2 * len(places))
    program = []
    for place, partial, whole in zip(places, samples[0::2], samples[1::2], strict=True):
        program += [*programs.window(partial)[:place], *programs.window(whole)]
    check(programs.run(core, program), expected[1::2])


def test_a_complete_window_is_abandoned_until_it_is_presented(small, programs):
    parts = [0.0, 0.3, 0.6, 0.9, 0.97]
    core, samples, expected = small(windows=2 * len(parts))
    program = []
    for part, bad, good in zip(parts, samples[0::2], samples[1::2], strict=True):
        wait = int(part * core.plan.timing.latency)
        program += [
            *programs.window(bad),
            *([programs.gap(wait)] if wait else []),
            programs.abandon(),
            programs.gap(5),
            *programs.window(good),
            programs.gap(core.plan.timing.latency + 5),
        ]
    record = programs.run(core, program)
    check(record, expected[1::2])
    counted(record, ends_of(record, core.plan.input_samples)[1::2])


def test_a_result_that_was_presented_is_not_withdrawn(small, programs):
    core, samples, expected = small(windows=2)
    program = [
        *programs.window(samples[0]),
        programs.gap(core.plan.timing.latency + 20),
        programs.abandon(2),
        programs.gap(5),
        *programs.window(samples[1]),
    ]
    busy_until = core.plan.input_samples + core.plan.timing.latency + 40
    check(programs.run(core, program, ready=lambda cycle: cycle > busy_until), expected)


def test_the_abandoned_one_of_two_waiting_windows_is_the_newest(small, programs):
    core, samples, expected = small(windows=3)
    program = [
        *programs.window(samples[0]),
        *programs.window(samples[1]),
        programs.abandon(),
        *programs.window(samples[2]),
    ]
    check(programs.run(core, program), expected[[0, 2]])


def test_abandon_twice_or_for_long_gives_up_one_window_only(small, programs):
    core, samples, expected = small(windows=5)
    program = [
        *programs.window(samples[0]),
        *programs.window(samples[1])[:9],
        programs.abandon(4),
        *programs.window(samples[2]),
        *programs.window(samples[3])[:9],
        programs.abandon(),
        programs.gap(3),
        programs.abandon(),
        *programs.window(samples[4]),
    ]
    check(programs.run(core, program), expected[[0, 2, 4]])


@pytest.mark.parametrize("place", [0, 9, 31])
def test_a_sample_that_comes_while_abandoning_is_lost(small, programs, place):
    core, samples, expected = small(windows=3)
    spoilt = programs.window(samples[1])
    spoilt[place] = programs.sample(int(samples[1][place]), first=place == 0, abandon=True)
    gap = programs.gap(2 * core.plan.timing.latency)
    program = [*programs.window(samples[0]), gap, *spoilt, *programs.window(samples[2])]
    check(programs.run(core, program), expected[[0, 2]])


def test_abandon_when_nothing_is_there(small, programs):
    core, samples, expected = small(windows=2)
    program = [
        programs.abandon(3),
        *programs.window(samples[0]),
        programs.gap(2 * core.plan.timing.latency),
        programs.abandon(2),
        *programs.window(samples[1]),
    ]
    check(programs.run(core, program), expected)


def test_abandoned_windows_free_their_place(small, programs):
    core, samples, expected = small(windows=6)
    program = []
    for window in samples[:5]:
        program += [*programs.window(window), programs.abandon()]
    program += programs.window(samples[5])
    check(programs.run(core, program), expected[[5]])


def test_reset_leaves_nothing_behind(small, programs):
    parts = [0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9]
    core, samples, expected = small(windows=3 * len(parts))
    program = []
    for part, first, second, third in zip(
        parts, samples[0::3], samples[1::3], samples[2::3], strict=True
    ):
        program += [
            *programs.window(first),
            *programs.window(second)[: int(3 + 20 * part)],
            programs.gap(1 + int(part * (core.plan.timing.latency - 25))),
            programs.reset(),
            *programs.window(third),
            programs.gap(core.plan.timing.latency + 5),
        ]
    check(programs.run(core, program), expected[2::3])


def test_reset_takes_a_result_that_stands(small, programs):
    core, samples, expected = small(windows=2)
    free = core.plan.input_samples + 2 * core.plan.timing.latency + 1
    program = [
        *programs.window(samples[0]),
        programs.gap(2 * core.plan.timing.latency),
        programs.reset(),
        *programs.window(samples[1]),
    ]
    check(programs.run(core, program, ready=lambda cycle: cycle > free), expected[[1]])


def test_samples_before_any_first_are_ignored(small, programs):
    core, samples, expected = small(windows=1)
    noise = [programs.sample(value) for value in (5, -3, 7)]
    check(programs.run(core, [*noise, *programs.window(samples[0]), *noise]), expected)


def test_anything_at_any_time(small, programs):
    """Whole and partial windows, gaps, abandons and stalls, against the rules in Python."""
    core, samples, expected = small(windows=24)
    rng = np.random.default_rng(7)
    program, keep = [], []
    for index, window in enumerate(samples):
        steps = programs.window(window)
        kind = rng.integers(0, 4)
        if kind == 0:  # given up by the next one's first sample
            steps = steps[: rng.integers(1, len(steps))]
        elif kind == 1:
            steps = [*steps[: rng.integers(1, len(steps))], programs.abandon()]
        else:
            keep.append(index)
        program += steps
        if rng.random() < 0.3:
            program.append(programs.gap(int(rng.integers(1, 200))))
    stalls = rng.random(40_000) < 0.1
    record = programs.run(core, program, ready=stalls.__getitem__, limit=40_000)
    check(record, expected[keep])


@pytest.mark.parametrize(("classes", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (10, 4)])
def test_class_has_the_bits_that_it_needs(classes, bits):
    assert result_layout(Answer(classes, 9, 0, 0))["class_"].width == bits
