"""Whole accelerators of random networks with branches against the golden model."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hwgen import golden
from hwgen.hardware.accelerator.generator import generate
from hwgen.plans import depths
from hwgen.plans.step import Array
from tests.integer_graphs import (
    Case,
    Maker,
    cases,
    recurrent_array,
    small_bins,
    small_gained,
    small_mixed,
    small_normalised,
    small_parts,
    small_quadratic,
    small_recurrent,
    small_reshaped,
    small_residual,
    small_scored,
    with_values,
)
from tests.plans.test_interpreter import WANTED, traits

SEEDS = [200, 206, 209, 246, 254, 260, 279, 284, 287, 293, 300, 307, 308, 312, 314, 339, 352, 357]
"""Of small networks that have among them all that there is."""

WINDOWS = 6


RESIDUAL = {
    "one channel": (1, Array(2, 3)),
    "three channels": (3, Array(4, 4)),
    "two at once": (2, Array(4, 8, 2)),
    "four at once": (1, Array(8, 4, 4)),
    "wide": (1, Array(8, 12, 4)),
}


EARLY = {
    "in halves": (1, Array(2, 4), 2),
    "in four parts, three channels": (3, Array(4, 4), 4),
    "in three parts, two at once": (1, Array(4, 8, 2), 3),
}
"""Layers work on parts of a window while the others come."""


EARLY_VALUES = {
    f"values {seed}, {name}": (seed, how) for seed, (name, how) in enumerate(EARLY.items())
}
"""And values leave."""


MIXED = {f"mixed {seed}": seed for seed in (2, 3, 5, 13, 14, 21, 41, 44, 58, 59)}
"""The first layers have hardware of their own: in front of them samples, or their spectrum."""


VALUES = {f"values {seed}": seed for seed in (204, 206, 207, 210, 217, 283, 288, 301, 309, 604)}
"""Values leave beside the logits, or without."""


PARTS = {f"parts {seed}": seed for seed in (0, 3, 8, 11)}
"""Some channels and some positions are read."""


RESHAPED = {f"reshaped {seed}": seed for seed in (1, 11, 12, 16, 24)}
"""Values are cut anew: rows of samples, maxima over channels."""


BINS = {f"bins {seed}": seed for seed in (1, 4, 9, 12, 19)}
"""Of a spectrum by either transform, with bin 0 or without, upwards or downwards."""


RECURRENT = {f"recurrent {seed}": seed for seed in (0, 2, 3, 10, 13, 19)}
"""Steps take turns position by position, forwards and backwards."""


QUADRATIC = {f"quadratic {seed}": seed for seed in range(6)}
"""Sums leave in pairs and meet; what is added to them are sums of squares."""


ALONE = {f"alone {outputs}": outputs for outputs in (2, 5)}
"""One layer is all there is: it waits until the result before is out of its way."""


SCORED = {f"scored {seed}": seed for seed in (0, 1, 2, 4, 5, 8, 11)}
"""The answer is a sum of squares."""


EARLY_SCORED = {f"scored early {seed}": seed for seed in (3, 6)}
"""And layers work on parts of a window while the others come."""


NORMALISED = {f"normalised {seed}": seed for seed in range(6)}
"""Windows are normalised by themselves; each way of that is among them."""


GAINED = {f"gained {seed}": seed for seed in range(4)}
"""Bins of windows have gains: the next window comes in while one is worked on."""


def of_seed(seed: int) -> tuple[Case, Array]:
    ((_, case, array),) = cases([seed], windows=WINDOWS, small=True)
    return case, array


def of_values(seed: int) -> tuple[Case, Array]:
    case, array = of_seed(seed)
    return with_values(case, seed, array.drain), array


def of_early(how: tuple[int, Array, int]) -> tuple[Case, Array]:
    channels, array, chunks = how
    case = replace(small_residual(channels, array.drain, WINDOWS, 48), chunks=chunks)
    assert case.layers(array).ahead > 2
    return case, array


def of_early_values(asked: tuple[int, tuple[int, Array, int]]) -> tuple[Case, Array]:
    seed, how = asked
    case, array = of_early(how)
    return with_values(case, seed, array.drain), array


def of_mixed(seed: int) -> tuple[Case, Array]:
    drain = (1, 1, 2)[seed % 3]
    return small_mixed(seed, drain, WINDOWS), Array(2 * drain, (2, 3, 4)[seed % 3], drain)


def of_residual(how: tuple[int, Array]) -> tuple[Case, Array]:
    channels, array = how
    return small_residual(channels, array.drain, WINDOWS), array


def of_parts(seed: int) -> tuple[Case, Array]:
    drain = (1, 2)[seed % 2]
    return small_parts(seed, drain, WINDOWS), Array(2 * drain, 3 * drain, drain)


def of_reshaped(seed: int) -> tuple[Case, Array]:
    drain = (1, 1, 2)[seed % 3]
    return small_reshaped(seed, drain, WINDOWS), Array(3 * drain, 2 * drain, drain)


def of_bins(seed: int) -> tuple[Case, Array]:
    drain = (1, 2)[seed % 2]
    return small_bins(seed, drain, WINDOWS), Array(2 * drain, 2 * drain, drain)


def of_quadratic(seed: int) -> tuple[Case, Array]:
    drain = (1, 1, 2)[seed % 3]
    return small_quadratic(seed, drain, WINDOWS), Array(2 * drain, 3 * drain, drain)


def of_recurrent(seed: int) -> tuple[Case, Array]:
    drain = (1, 2)[seed % 2]
    case = small_recurrent(seed, drain, WINDOWS, samples=4)
    return case, recurrent_array(case, drain)


def of_alone(outputs: int) -> tuple[Case, Array]:
    make = Maker(np.random.default_rng(outputs), windows=WINDOWS)
    make.dense(make.begin("direct", 16, 1), outputs, last=True)
    return make.case, Array(2, 4)


def of_scored(seed: int) -> tuple[Case, Array]:
    drain = (1, 1, 2)[seed % 3]
    return small_scored(seed, drain, WINDOWS), Array(2 * drain, 3 * drain, drain)


def of_early_scored(seed: int) -> tuple[Case, Array]:
    case, array = of_scored(seed)
    return replace(case, chunks=2), array


def of_normalised(seed: int) -> tuple[Case, Array]:
    drain = (1, 2)[seed % 2]
    return small_normalised(seed, drain, WINDOWS), Array(2 * drain, 3 * drain, drain)


def of_gained(seed: int) -> tuple[Case, Array]:
    drain = (1, 2)[seed % 2]
    return small_gained(seed, drain, WINDOWS), Array(2 * drain, 3 * drain, drain)


MAKERS = (
    ({seed: seed for seed in SEEDS}, of_seed),
    (RESIDUAL, of_residual),
    (EARLY, of_early),
    (MIXED, of_mixed),
    (VALUES, of_values),
    (EARLY_VALUES, of_early_values),
    (PARTS, of_parts),
    (RESHAPED, of_reshaped),
    (RECURRENT, of_recurrent),
    (QUADRATIC, of_quadratic),
    (NORMALISED, of_normalised),
    (GAINED, of_gained),
    (ALONE, of_alone),
    (SCORED, of_scored),
    (EARLY_SCORED, of_early_scored),
    (BINS, of_bins),
)


@pytest.fixture(params=[name for names, _ in MAKERS for name in names], ids=str, scope="module")
def network(request) -> tuple[Case, Array]:
    for names, make in MAKERS:
        if request.param in names:
            return make(names[request.param])
    raise AssertionError(request.param)


def check(record, case: Case, windows: list[int] | slice) -> None:
    """Compare all numbers and classes."""
    assert record.answers == case.answers[windows].tolist()
    if case.model.classes:
        assert record.classes == golden.classify(case.logits[windows]).tolist()


def ends_of(record, window: int) -> list[int]:
    """Return the cycles in which last samples were taken, of windows that came whole."""
    ends, count = [], 0
    for cycle, sample in record.taken:
        count = 1 if sample.first else count + 1
        if count == window:
            ends.append(cycle)
    return ends


def test_back_to_back(programs, network):
    """Latency of a window by itself, then windows as fast as they are taken."""
    case, array = network
    plan = case.plan(array, dsp=3)
    alone, *others = map(programs.window, case.streams)
    program = [*alone, programs.gap(plan.timing.latency + 9), *[s for w in others for s in w]]
    record = programs.run(generate(plan), program)
    check(record, case, slice(None))
    for result, end in zip(record.results, ends_of(record, plan.input_samples), strict=True):
        assert result.cycles == result.presented - end
    for result, values in zip(record.results, record.values, strict=False):
        assert values.presented == result.presented + depths.VALUE
        assert values.taken == values.presented + plan.numbers - 1
    assert record.results[0].cycles == plan.timing.latency
    # Inside a window no sample ever waits, but for the pause behind each.
    assert plan.timing.pause > 1 or all(sample.first for _, sample in record.waits)
    # Two windows share the way through: what counts is an even number of them.
    presented = [result.presented for result in record.results[1:]]
    assert len(presented) % 2
    if plan.timing.interval == plan.layers.timing.interval:
        assert (np.diff(presented[1:]) == plan.timing.interval).all()
    # An estimate where windows are shorter than the way through, but never too good.
    apart = (presented[-1] - presented[0]) / (len(presented) - 1)
    assert apart <= plan.timing.interval


@pytest.mark.parametrize("before", range(1, 20, 3))
def test_a_window_given_up_while_the_answer_before_comes(programs, before):
    """What is given up is at work already; the answer in the pipeline must not go with it."""
    case = replace(small_residual(1, 1, WINDOWS, 48), chunks=2)
    case = with_values(case, 2) if before % 2 else case
    plan = case.plan(Array(2, 4))
    one, two, three = map(programs.window, case.streams[:3])
    count = (plan.timing.latency - before - plan.timing.pause) // plan.timing.pause
    gap = plan.timing.latency - before - count * plan.timing.pause
    program = [*one, *two[:count], programs.gap(gap), *three]
    check(programs.run(generate(plan), program), case, [0, 2])


def test_whatever_happens_at_the_ports(programs, network):
    """Gaps, stalls of results, windows given up in the middle or begun anew, and a reset."""
    case, array = network
    plan = case.plan(array)
    rng = np.random.default_rng(array.size)
    windows = list(map(programs.window, case.streams))
    length = plan.input_samples
    program, wanted = [], []
    for number, window in enumerate(windows):
        part = int(rng.integers(1, length)) if length > 1 else 1
        kind = ("whole", "begun anew", "abandoned", "reset", "late")[number % 5]
        if kind == "begun anew":
            program += windows[0][:part]
        elif kind == "abandoned":
            program += [*windows[0][:part], programs.abandon(int(rng.integers(1, 4)))]
        elif kind == "reset":
            program += [*windows[1], programs.gap(int(rng.integers(1, plan.timing.latency)))]
            program += [*windows[0][:part], programs.reset(2)]
            wanted = wanted[:0]
        for step in window:
            program.append(step)
            if rng.random() < 0.1:
                program.append(programs.gap(int(rng.integers(1, 6))))
        if kind == "late":  # given up when all of it has come
            program += [programs.abandon(), programs.gap(plan.timing.latency)]
            continue
        wanted.append(number)
    # A window that is given up late is worked on all the same, and no result shows it.
    program.append(programs.gap(2 * (plan.timing.latency + plan.timing.interval)))
    stalls = rng.random(40_000) < np.repeat(rng.choice([0.02, 0.3, 1.0], 400), 100)
    record = programs.run(
        generate(plan),
        program,
        ready=stalls.__getitem__,
        values_ready=stalls[::-1].__getitem__,
        limit=len(stalls),
    )
    # Of what was there before the reset some may have left, in order.
    after = len(wanted)
    check(record_of(record, after), case, wanted)
    before = [0, 1, 2, 1]
    early = record.answers[: len(record.answers) - after]
    assert early == case.answers[before[: len(early)]].tolist()


def record_of(record, last: int):
    """Return the record of the last results."""
    found = type(record)()
    found.results = record.results[len(record.results) - last :]
    found.values = record.values[max(0, len(record.values) - last) :]
    return found


def test_all_kinds_are_among_them():
    seen: Counter[str] = Counter()
    for _, case, array in cases(SEEDS, windows=WINDOWS, small=True):
        seen.update(set(traits(case, case.layers(array))))
    assert not WANTED - set(seen)
