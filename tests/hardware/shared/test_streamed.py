"""Whole accelerators whose weights are streamed, against the golden model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from hwgen import golden
from hwgen.plans.core import CorePlan
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.plans.weights.flash import Pace
from tests.hardware.fed import Fed
from tests.integer_graphs import Case, Maker, small_residual, streamable_values

WINDOWS = 3


def pooled(rng: np.random.Generator) -> Maker:
    """Groups in several phases, residuals, pooling behind a stride, a dense layer."""
    make = Maker(rng, multiple=2, windows=WINDOWS)
    first = make.conv(make.begin("direct", 24, 1), 8, 3, padding=1)
    second = make.conv(first, 8, 3, padding=1)
    third = make.conv(second, 8, 3, first, padding=1)
    fourth = make.conv(third, 16, 3, padding=1, stride=2)
    make.dense(make.max_pool(fourth, 2), 5, last=True)
    return make


def overlapping(rng: np.random.Generator) -> Maker:
    """Groups of positions that overlap, phases, a channel of its own each, an average."""
    make = Maker(rng, multiple=4, windows=WINDOWS)
    first = make.conv(make.begin("direct", 32, 1), 8, 5, stride=3)
    second = make.conv(make.max_pool(first, 3, 2), 8, 2, groups=8)
    third = make.conv(second, 12, 1)
    make.dense(make.average(third, 3), 4, last=True)
    return make


def in_order(rng: np.random.Generator) -> Maker:
    """Every word follows the one before: nothing is looked up."""
    make = Maker(rng, windows=WINDOWS)
    first = make.conv(make.begin("direct", 24, 1), 4, 4)
    make.dense(make.conv(first, 6, 3), 7, last=True)
    return make


@dataclass
class Streamed:
    """A network, and which of its values' steps are streamed how fast."""

    case: Case
    array: Array
    pace: Pace
    keep: int = 0

    @property
    def plan(self) -> CorePlan:
        names = streamable_values(self.case, self.array)[self.keep :]
        return plan(self.case.model, Design(self.array, 3, streamed=names, pace=self.pace))


def made(make: Callable[[np.random.Generator], Maker], seed: int) -> Case:
    return make(np.random.default_rng(seed)).case


NETWORKS = {
    "pooled, fast": lambda: Streamed(made(pooled, 2), Array(4, 2, 2), Pace(2, 20)),
    "pooled, slow": lambda: Streamed(made(pooled, 3), Array(4, 2, 2), Pace(7, 90)),
    "pooled, one lane": lambda: Streamed(made(pooled, 4), Array(4, 1), Pace(2)),
    "some stay": lambda: Streamed(made(pooled, 5), Array(4, 4, 2), Pace(2, 9), keep=2),
    "spread": lambda: Streamed(made(pooled, 6), Array(8, 4, 4), Pace(2)),
    "wide": lambda: Streamed(made(pooled, 7), Array(8, 12, 2), Pace(2)),
    "overlapping": lambda: Streamed(made(overlapping, 8), Array(4, 4, 4), Pace(2, 5)),
    "overlapping, slow": lambda: Streamed(made(overlapping, 9), Array(4, 2, 1), Pace(9)),
    "in order": lambda: Streamed(made(in_order, 10), Array(2, 1), Pace(3)),
    "in order, some stay": lambda: Streamed(made(in_order, 11), Array(2, 2), Pace(2), keep=1),
    "residual": lambda: Streamed(small_residual(2, 2, WINDOWS), Array(4, 2, 2), Pace(3)),
}


@pytest.fixture(params=list(NETWORKS))
def network(request) -> Streamed:
    return NETWORKS[request.param]()


def check(record, case: Case, windows: list[int]) -> None:
    assert record.answers == case.answers[windows].tolist()
    assert record.classes == golden.classify(case.logits[windows]).tolist()


def test_back_to_back(programs, network):
    """Latency of a window whose ring is full, then windows as fast as they are taken."""
    core = network.plan
    windows = list(map(programs.window, network.case.streams))
    flash = core.flash
    full = min(flash.stream_cycles, flash.ring * flash.word_bytes * flash.pace.byte) + 60
    program = [programs.gap(full), *(step for window in windows for step in window)]
    record = programs.run(Fed(core), program, limit=8 * (full + core.timing.interval) + 2000)
    check(record, network.case, list(range(WINDOWS)))
    assert record.results[0].cycles <= core.timing.latency
    presented = [result.presented for result in record.results]
    assert max(np.diff(presented)[1:]) <= core.timing.interval


def test_a_bit_of_the_stream_that_flips_keeps_all_answers_back(programs):
    """Of any word, of the check sum: what was right before leaves, nothing behind it."""
    network = NETWORKS["some stay"]()
    core = network.plan
    window = programs.window(network.case.streams[0])
    gap = core.flash.stream_cycles + core.timing.latency
    content = core.flash.content
    rng = np.random.default_rng(3)
    places = [0, len(content) - 1, *map(int, rng.integers(0, len(content), 3))]
    for place in places:
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << int(rng.integers(8))
        program = [programs.gap(gap), *window, programs.gap(2 * gap)]
        record = programs.run(Fed(core, bytes(spoilt)), program, limit=8 * gap)
        assert record.answers == []


def test_windows_given_up_and_gaps(programs):
    """What is given up takes its turn at the stream all the same."""
    network = NETWORKS["residual"]()
    core = network.plan
    one, two, three = map(programs.window, network.case.streams)
    gap = programs.gap
    program = [gap(30), *one, *two[:9], programs.abandon(), gap(7), *three[:12], *three, gap(900)]
    record = programs.run(Fed(core), program, limit=40_000)
    check(record, network.case, [0, 2])
