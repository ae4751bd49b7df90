"""Filters alone: samples in, as many values out, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.accelerator.generator import generate
from hwgen.network import SAMPLES, Graph, Output
from hwgen.plans import depths
from hwgen.plans.step import Array
from tests.integer_graphs import Case, Maker

SIZE, WINDOWS = 40, 9


def denoiser(taps: int, channels: int = 1, *, both: bool = False) -> Case:
    """Return a filter of a few taps over windows of `SIZE`; with `both` another one behind it.

    Then the values of both leave.
    """
    make = Maker(np.random.default_rng(taps), windows=WINDOWS)
    first = make.begin("direct", SIZE, 1)
    filtered = make.conv(first, channels, taps, padding=taps // 2)
    names = [filtered]
    if both:
        names.append(make.conv(filtered, channels, 3, padding=1))
    graph = Graph((SAMPLES,), tuple(make.nodes), tuple(Output(n, "values") for n in names))
    return make.case_of(graph, ())


CASES = {
    "values take longer than the filter": (denoiser(1, 4), Array(4, 4, 4)),
    "a little longer": (denoiser(1, 2), Array(2, 2, 2)),
    "about as long": (denoiser(1), Array(1, 4)),
    "the filter takes longer": (denoiser(9), Array(1, 2)),
    "two outputs": (denoiser(5, 2, both=True), Array(2, 8, 2)),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def network(request) -> tuple[Case, Array]:
    return request.param


def test_as_fast_as_the_plan_says(programs, network):
    """Latency to the result and to the values, and windows no further apart than stated."""
    case, array = network
    plan = case.plan(array)
    program = [step for row in case.streams for step in programs.window(row)]
    record = programs.run(generate(plan), program)
    assert record.answers == case.answers.tolist()
    first, values = record.results[0], record.values[0]
    assert first.cycles == plan.timing.latency
    assert values.presented == first.presented + depths.VALUE
    assert values.taken == values.presented + plan.numbers - 1
    # Over an even number of windows: two share the places for values.
    apart = (record.results[8].presented - record.results[2].presented) / 6
    assert plan.timing.interval - 1 <= apart <= plan.timing.interval


def test_either_bound_is_among_them():
    """How far windows are apart is up to their values, or to the array."""
    layers = [case.layers(array) for case, array in CASES.values()]
    assert {each.timing.interval == each.value_stream.numbers for each in layers} == {True, False}


def test_values_that_wait_lose_nothing(programs, network):
    """A long stop, then bursts: no window is lost, whole or in part, and none is overwritten."""
    case, array = network
    rng = np.random.default_rng(array.size)
    moves = rng.random(60_000) < np.repeat(rng.choice([0.0, 0.1, 0.6, 1.0], 300), 200)
    moves[:1500] = False
    program = [step for row in case.streams for step in programs.window(row)]
    record = programs.run(
        generate(case.plan(array)), program, values_ready=moves.__getitem__, limit=len(moves)
    )
    assert record.answers == case.answers.tolist()
    # Two results are there while no value is taken; the next one comes when values have left.
    assert sum(result.presented < 1500 for result in record.results) == 2


def test_a_window_that_is_given_up_has_no_values(programs, network):
    case, array = network
    plan = case.plan(array)
    rows = list(map(programs.window, case.streams))
    part = rows[1][: SIZE // 2]
    program = [*rows[0], *part, programs.abandon(2), *rows[2], *part, *rows[3], *rows[4]]
    program += [programs.abandon(), programs.gap(plan.timing.latency + SIZE), *rows[5]]
    # A window that is given up late is worked on all the same.
    program.append(programs.gap(4 * plan.timing.interval))
    record = programs.run(generate(plan), program)
    assert record.answers == case.answers[[0, 2, 3, 5]].tolist()


def test_a_reset_while_values_leave(programs, network):
    case, array = network
    plan = case.plan(array)
    rows = list(map(programs.window, case.streams))
    gap = programs.gap(plan.timing.latency + depths.VALUE + plan.numbers // 2)
    program = [*rows[0], gap, programs.reset(), *rows[1], *rows[2]]
    record = programs.run(generate(plan), program)
    assert record.answers == case.answers[[1, 2]].tolist()


def test_gains_alone(programs):
    """What an accelerator needs behind a source is a layer that gives each value as it is."""
    make = Maker(np.random.default_rng(3), windows=WINDOWS)
    name = make.max_pool(make.begin("gain", 32, 1), 1)
    case = make.case_of(Graph((SAMPLES,), tuple(make.nodes), (Output(name, "values"),)), ())
    plan = case.plan(Array(1, 1))
    program = [step for row in case.streams for step in programs.window(row)]
    record = programs.run(generate(plan), program)
    assert record.answers == case.answers.tolist()
    assert record.results[0].cycles == plan.timing.latency
