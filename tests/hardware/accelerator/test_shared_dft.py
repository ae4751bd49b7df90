"""Whole accelerators by accumulation, shared and unrolled, whatever happens at their ports."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import CannotMeetError
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision

BITS = Precision(transform="dft", twiddle=12)
WINDOW = 32
SHAPE = {"window": WINDOW, "convs": ((3, 6, 2, 2, 2),), "classes": 5}
DESIGNS = {
    "shared": Design(Array(2, 2), 1),
    "shared, one bin": Design(Array(1, 1), 0),
    "unrolled": Design(None, 3, lanes=4, values=3),
    "unrolled, groups wait": Design(None, 0, lanes=8, values=1),
}
SHAPES = {
    "published shape": ({"window": 128, "convs": ((4, 16, 8, 4, 2),), "classes": 10}, 8, 2),
    "no pool": ({"window": 32, "convs": ((2, 3, 1, 1, 0),), "classes": 2}, 2, 4),
    "wide pool": ({"window": 64, "convs": ((2, 5, 1, 2, 4),), "classes": 3}, 2, 1),
    "long stride": ({"window": 64, "convs": ((3, 4, 4, 0, 2),), "classes": 4}, 8, 3),
}


@pytest.fixture(scope="module")
def build(make_example):
    """Return a function that builds a core and gives windows and their expected logits."""

    def make(
        shape: dict, design: Design, *, windows: int = 4, seed: int = 2, bits: Precision = BITS
    ):
        model = make_example(seed, bits=bits, **shape).model
        samples = loud(model, windows, seed)
        return generate(plan(model, design)), samples, golden.run(model, samples)

    return make


def loud(model, windows: int, seed: int) -> np.ndarray:
    """Return random windows, of very different loudness; the first is a full-scale square."""
    limit = 1 << (model.bits.adc - 1)
    rng = np.random.default_rng(seed)
    level = 2.0 ** rng.uniform(-7, 0, (windows, 1))
    samples = (rng.uniform(-limit, limit, (windows, model.input_samples)) * level).astype(int)
    samples[0] = np.where(np.arange(model.input_samples) % 8 < 4, limit - 1, -limit)
    return samples


def check(record, expected: np.ndarray) -> None:
    assert record.logits == expected.tolist()
    assert record.classes == golden.classify(expected).tolist()


def steady(core, record) -> None:
    """Check that samples were taken at one pace, and results came after one latency."""
    cycles = [cycle for cycle, _ in record.taken]
    assert set(np.diff(cycles)) == {core.plan.timing.pause}
    assert {result.cycles for result in record.results} == {core.plan.timing.latency}
    ends = cycles[core.plan.input_samples - 1 :: core.plan.hop]
    assert [result.presented - core.plan.timing.latency for result in record.results] == ends
    assert sum(cycles for _, cycles in core.plan.timing.breakdown) == core.plan.timing.latency


@pytest.mark.parametrize("design", DESIGNS)
def test_windows_in_a_row_at_full_pace(build, programs, design):
    core, samples, expected = build(SHAPE, DESIGNS[design])
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)
    steady(core, record)
    assert np.diff(record.starts).tolist() == [core.plan.timing.interval] * (len(samples) - 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_unrolled_shapes(build, programs, shape):
    network, lanes, values = SHAPES[shape]
    core, samples, expected = build(network, Design(None, 5, lanes=lanes, values=values), windows=3)
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)
    steady(core, record)


@pytest.mark.parametrize("design", DESIGNS)
def test_gaps_and_stalls(build, programs, design):
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=5)
    rng = np.random.default_rng(1)
    program = []
    for step in itertools.chain.from_iterable(map(programs.window, samples)):
        program.append(step)
        if rng.random() < 0.1:
            program.append(programs.gap(int(rng.integers(1, 40))))
    stalls = rng.random(20_000) < np.repeat(rng.choice([0.002, 0.5, 1.0], 200), 100)
    record = programs.run(core, program, ready=stalls.__getitem__)
    check(record, expected)


@pytest.mark.parametrize("hop", [1, WINDOW // 2 - 1])
@pytest.mark.parametrize("design", ["shared", "unrolled"])
def test_windows_that_overlap(make_example, programs, design, hop):
    model = make_example(3, bits=BITS, **SHAPE).model
    overlapping(programs, model, DESIGNS[design], hop)


@pytest.mark.parametrize("hop", [1, WINDOW // 2 - 1])
def test_windows_that_overlap_before_layers_of_two_kinds(make_example, programs, hop):
    model = make_example(3, bits=BITS, window=64, convs=((4, 16, 8, 4, 2),), classes=5).model
    mixed = Design(Array(4, 8), 1, lanes=8, unrolled=("conv1", "pool1"))
    overlapping(programs, model, mixed, hop)


def overlapping(programs, model, design, hop):
    """Run windows of one stream, each `hop` samples behind the one before."""
    window = model.input_samples
    core = generate(plan(model, replace(design, hop=hop)))
    stream = loud(model, 3, 5).reshape(-1)[: window + min(5, 2 * window // hop) * hop]
    expected = golden.stream(model, stream, hop)
    assert len(expected) == 1 + (len(stream) - window) // hop > 2
    record = programs.run(core, programs.window(stream))
    check(record, expected)
    steady(core, record)


@pytest.mark.parametrize("design", ["shared", "unrolled"])
def test_a_stream_that_is_given_up_leaves_nothing_behind(make_example, programs, design):
    model = make_example(3, bits=BITS, **SHAPE).model
    core = generate(plan(model, Design(**vars(DESIGNS[design]) | {"hop": 8})))
    bad, good = loud(model, 4, 6).reshape(2, -1)
    program = []
    expected = []
    for place in (5, WINDOW, WINDOW + 1, WINDOW + 7, WINDOW + 8, WINDOW + 16):
        program += [
            *programs.window(bad[:place]),
            programs.abandon(),
            *programs.window(bad)[place : place + 3],  # not marked, and ignored
            *programs.window(good[: WINDOW + 8]),
            programs.gap(core.plan.timing.latency + 9),
        ]
        # A sample every `pause` cycles: what was complete long enough ago has been presented.
        ended = range(WINDOW, place + 1, 8)
        passed = [1 + (place - end) * core.plan.timing.pause for end in ended]
        shown = [
            end for end, age in zip(ended, passed, strict=True) if age > core.plan.timing.latency
        ]
        expected += [golden.stream(model, bad[:end], 8)[-1] for end in shown]
        expected += list(golden.stream(model, good[: WINDOW + 8], 8))
    record = programs.run(core, program)
    check(record, np.array(expected))


@pytest.mark.parametrize(("design", "cycles"), [("shared", 1), ("unrolled", 3)])
def test_a_window_abandoned_in_the_middle(build, programs, design, cycles):
    places = [1, WINDOW // 2, WINDOW - 1]
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=2 * len(places) + 1)
    program = programs.window(samples[-1])
    for place, partial, whole in zip(places, samples[0:-1:2], samples[1::2], strict=True):
        program += [
            *programs.window(partial)[:place],
            programs.abandon(cycles),
            *programs.window(partial)[place:],
            *programs.window(whole),
        ]
    record = programs.run(core, program, limit=60_000)
    check(record, expected[[-1, *range(1, len(samples), 2)]])


@pytest.mark.parametrize("design", ["shared", "unrolled"])
def test_a_complete_window_is_abandoned_until_it_is_presented(build, programs, design):
    parts = [0.0, 0.4, 0.9]
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=2 * len(parts) + 2)
    program = []
    for part, bad, good in zip(parts, samples[0:-2:2], samples[1:-2:2], strict=True):
        wait = int(part * core.plan.timing.latency)
        program += [
            *programs.window(bad),
            *([programs.gap(wait)] if wait else []),
            programs.abandon(),
            programs.gap(5),
            *programs.window(good),
            programs.gap(core.plan.timing.latency + 5),
        ]
    # What was presented is not withdrawn.
    program += [
        *programs.window(samples[-2]),
        programs.gap(core.plan.timing.latency + 20),
        programs.abandon(2),
        programs.gap(5),
        *programs.window(samples[-1]),
    ]
    record = programs.run(core, program, limit=60_000)
    check(record, expected[[*range(1, len(samples) - 2, 2), -2, -1]])


@pytest.mark.parametrize("design", ["shared", "unrolled, groups wait"])
def test_a_result_that_is_not_taken_holds_the_samples_and_loses_nothing(build, programs, design):
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=6)
    hold = 5 * core.plan.timing.interval + core.plan.timing.latency
    record = programs.run(
        core,
        [step for window in samples for step in programs.window(window)],
        ready=lambda cycle: cycle > hold,
        limit=60_000,
    )
    check(record, expected)


@pytest.mark.parametrize("design", ["shared", "unrolled, groups wait"])
def test_reset_leaves_nothing_behind(build, programs, design):
    parts = [0.0, 0.4, 0.9]
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=3 * len(parts))
    program = []
    for part, first, second, third in zip(
        parts, samples[0::3], samples[1::3], samples[2::3], strict=True
    ):
        program += [
            *programs.window(first),
            programs.gap(core.plan.timing.latency + 5),
            *programs.window(second)[: int(3 + (WINDOW - 4) * part)],
            programs.gap(1 + int(part * core.plan.timing.latency)),
            programs.reset(),
            *programs.window(third),
            programs.gap(core.plan.timing.latency + 5),
        ]
    record = programs.run(core, program, limit=60_000)
    check(record, expected[[n for n in range(len(samples)) if n % 3 != 1]])


@pytest.mark.parametrize(
    "bits",
    [
        Precision(
            transform="dft",
            adc=8,
            data=12,
            twiddle=8,
            feature=4,
            conv_weight=3,
            activation=3,
            dense_weight=2,
        ),
        Precision(transform="dft", feature=12, conv_weight=10, activation=11, dense_weight=9),
        Precision(transform="dft", twiddle=9, magnitude="max-3/8", full_scale=4.0),
    ],
    ids=["narrow", "wide", "other magnitude"],
)
@pytest.mark.parametrize("design", ["shared", "unrolled"])
def test_other_widths(build, programs, design, bits):
    core, samples, expected = build(SHAPE, DESIGNS[design], windows=3, bits=bits)
    record = programs.run(core, [step for window in samples for step in programs.window(window)])
    check(record, expected)


def test_what_a_kind_of_hardware_cannot_be_is_refused(make_example):
    fft = make_example(1, **SHAPE).model
    with pytest.raises(CannotMeetError, match=rf"hop must be {WINDOW}.*not 8.*--transform dft"):
        generate(plan(fft, Design(Array(1, 2), 0, hop=8)))
    dft = make_example(1, bits=BITS, **SHAPE).model
    for hop in (0, WINDOW + 1):
        told = f"hop must be 1 to {WINDOW}, the window, not {hop}"
        with pytest.raises(CannotMeetError, match=told):
            generate(plan(dft, Design(None, 0, lanes=4, hop=hop)))
    with pytest.raises(CannotMeetError, match=r"multiple of stride \(2\), not 3"):
        generate(plan(dft, Design(None, 0, lanes=3)))
    deep = make_example(1, bits=BITS, window=64, convs=((2, 3, 1, 1, 0), (2, 3, 1, 1, 0))).model
    with pytest.raises(CannotMeetError, match=r"unrolled layers.*conv1d, conv1d, dense"):
        generate(plan(deep, Design(None, 0, lanes=4)))
