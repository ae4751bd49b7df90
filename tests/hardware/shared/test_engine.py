"""All layers behind the features, on one MAC array, against the golden model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from hwgen.golden import classify
from hwgen.hardware.primitives.memory import BlockRam
from hwgen.hardware.shared.engine import Engine
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array
from tests.integer_graphs import Maker, cases, row_of

NETWORKS = {
    "published shape": lambda chain: chain.conv(4, 8, 4, 3).pool(2).dense(5, last=True),
    "odd numbers": lambda chain: chain.conv(5, 7, 3, 4).pool(3).dense(7).dense(3, last=True),
    "two convs": lambda chain: (
        chain.conv(3, 3, 1, 1).pool(2).conv(4, 3, 2, 2).pool(2).dense(3, last=True)
    ),
    "three convs, signed": lambda chain: (
        chain.conv(2, 3, 2, relu=False).conv(3, 3, 1, 2).conv(2, 2, relu=False).dense(2, last=True)
    ),
    "dense only": lambda chain: chain.dense(6).dense(4, last=True),
    "one layer": lambda chain: chain.dense(5, last=True),
    "more rows than words": lambda chain: chain.conv(9, 2, 8).dense(2, last=True),
}


@dataclass
class Run:
    """What an engine did, by cycle."""

    starts: list[int] = field(default_factory=list)
    dones: list[int] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    consumed: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    logits: list[list[int]] = field(default_factory=list)


def run(bench, plain, dut, memories, *, hold: int | list[int] = 0, limit: int) -> Run:
    """Run a window per memory as fast as the engine takes them; a result leaves after `hold`.

    That may be another number of cycles for each.
    """
    seen = Run()
    holds = np.broadcast_to(hold, len(memories)).tolist()

    async def process(ctx, _):
        # Memory: the word of an address, `latency` cycles later; the next window's, or rubbish,
        # once a window has been consumed.
        pipeline = [0] * BlockRam.latency
        free = 0
        for cycle in range(limit):
            ctx.set(dut.read_data, pipeline.pop(0))
            waiting = len(seen.starts) < len(memories)
            ctx.set(dut.start, waiting)
            ctx.set(dut.proceed, cycle >= free)
            if waiting and not ctx.get(dut.busy):
                seen.starts.append(cycle)
            words = [*memories, []][len(seen.consumed)]
            address = ctx.get(dut.read_address)
            pipeline.append(words[address] if address < len(words) else -1)
            if ctx.get(dut.consumed):
                seen.consumed.append(cycle)
            if ctx.get(dut.result_begin):
                seen.begins.append(cycle)
                free = limit
            if ctx.get(dut.done):
                seen.dones.append(cycle)
                seen.classes.append(ctx.get(dut.class_))
                seen.logits.append(plain(ctx.get(dut.logits)))
                free = cycle + 1 + holds[len(seen.dones) - 1]
            await ctx.tick()

    bench(dut, process)
    return seen


def prepared(chain, pack, array: Array, count: int, *, dsp: int = 3):
    """Return engine, memories and expected logits."""
    dut = Engine(chain.plan(array, dsp=dsp))
    features = chain.features(count)
    return dut, memories_of(dut.plan, features, pack), chain.run(features)


def memories_of(plan: SharedPlan, features, pack) -> list[list[int]]:
    """Return the words of every window's features."""
    source = plan.memory.layout
    return [
        pack(row_of(window), source.lanes, source.padding, plan.value_width) for window in features
    ]


@pytest.mark.parametrize(
    ("network", "array"),
    [
        *((network, array) for network in NETWORKS for array in (Array(3, 1), Array(2, 4))),
        ("published shape", Array(1, 1)),
        ("odd numbers", Array(4, 3)),
        ("two convs", Array(1, 5)),
        ("three convs, signed", Array(8, 2)),
        ("dense only", Array(4, 3)),
        ("one layer", Array(8, 2)),
        ("more rows than words", Array(9, 2)),
    ],
    ids=str,
)
def test_logits_and_latency(*, bench, plain, make_chain, pack, network, array):
    chain = NETWORKS[network](make_chain(8, 24))
    dut, memories, expected = prepared(chain, pack, array, 3)
    limit = 3 * dut.plan.timing.latency + 20
    got = run(bench, plain, dut, memories, limit=limit)
    assert got.logits == expected.tolist()
    assert got.classes == classify(expected).tolist()
    assert got.dones[0] == got.starts[0] + dut.plan.timing.latency
    assert len(got.consumed) == 3
    if len(chain.ops) > 1:
        assert (np.diff(got.starts) == dut.plan.timing.interval).all()


def test_interval_of_a_single_layer(bench, plain, make_chain, pack):
    chain = NETWORKS["one layer"](make_chain(8, 24))
    dut, memories, _ = prepared(chain, pack, Array(2, 4), 4)
    got = run(bench, plain, dut, memories, limit=5 * dut.plan.timing.latency)
    assert (np.diff(got.begins) <= dut.plan.timing.interval).all()


@pytest.mark.parametrize("network", ["published shape", "one layer"])
def test_a_result_that_is_not_taken_is_not_touched(bench, plain, make_chain, pack, network):
    chain = NETWORKS[network](make_chain(9, 24))
    dut, memories, expected = prepared(chain, pack, Array(2, 4), 3)
    hold = 2 * dut.plan.timing.latency
    got = run(
        bench, plain, dut, memories, hold=hold, limit=3 * (dut.plan.timing.latency + hold) + 40
    )
    assert got.logits == expected.tolist()
    for done, begin in zip(got.dones, got.begins[1:], strict=False):
        assert begin > done + hold


@pytest.mark.parametrize("dsp", [0, 5, 100])
def test_multipliers_of_either_kind(bench, plain, make_chain, pack, dsp):
    chain = NETWORKS["published shape"](make_chain(10, 24))
    dut, memories, expected = prepared(chain, pack, Array(4, 4), 2, dsp=dsp)
    assert dut.plan.allotment.shared == (5 if dsp == 5 else 0)
    got = run(
        bench,
        plain,
        dut,
        memories,
        limit=dut.plan.timing.latency + 2 * dut.plan.timing.interval + 20,
    )
    assert got.logits == expected.tolist()


def test_values_may_leave_before_their_step_has_ended(bench, plain, make_chain, pack):
    # 32 rows, the second group of which holds a single output, and one or two words a sum.
    chain = make_chain(11, 16).conv(33, 2, 8).dense(2, last=True)
    dut, memories, expected = prepared(chain, pack, Array(32, 2), 2)
    got = run(
        bench,
        plain,
        dut,
        memories,
        limit=dut.plan.timing.latency + 2 * dut.plan.timing.interval + 20,
    )
    assert got.logits == expected.tolist()
    assert got.dones[0] == got.starts[0] + dut.plan.timing.latency


def test_ends_of_the_ranges(bench, plain, make_chain, pack):
    chain = make_chain(12, 24).conv(3, 4, 2, 1, shift=1).dense(3, last=True)
    for op in chain.ops:
        op.weight[0], op.weight[1] = 7, -7
    dut, memories, expected = prepared(chain, pack, Array(2, 4), 1)
    got = run(bench, plain, dut, memories, limit=dut.plan.timing.latency + 5)
    assert got.logits == expected.tolist()


@pytest.mark.parametrize("seed", range(100, 124))
def test_any_wiring(bench, plain, pack, seed):
    """Logits, latency, and the interval of windows that follow at once."""
    ((_, case, array),) = cases([seed], small=True)
    plan = case.layers(array)
    dut = Engine(plan)
    memories = memories_of(plan, case.features, pack)
    got = run(bench, plain, dut, memories, limit=3 * plan.timing.latency + 40)
    assert got.logits == case.logits.tolist()
    assert got.classes == classify(case.logits).tolist()
    assert got.dones[0] == got.starts[0] + plan.timing.latency
    assert len(got.consumed) == 3
    if len(plan.steps) > 1:
        assert (np.diff(got.starts) == plan.timing.interval).all()


def test_features_are_read_by_a_later_step(bench, plain, pack):
    make = Maker(np.random.default_rng(5))
    first = make.begin("direct", 16, 1)
    make.dense(make.same(make.same(first, 3), 1, first), 3, last=True)
    case = make.case
    plan = case.layers(Array(2, 3))
    dut = Engine(plan)
    # Once they are said to be consumed the next window's are there.
    memories = memories_of(plan, case.features, pack)
    got = run(bench, plain, dut, memories, limit=3 * plan.timing.latency + 40)
    assert got.logits == case.logits.tolist()
    assert plan.last_of_features == 1


def test_several_values_at_once_wait_as_one(bench, plain, pack):
    ((_, case, array),) = cases([43], small=True)
    assert array.drain == 4
    plan = case.layers(Array(8, 4, 4))
    dut = Engine(plan)
    memories = memories_of(plan, case.features, pack)
    holds = [0, 500, 0]
    limit = 3 * plan.timing.latency + sum(holds) + 60
    got = run(bench, plain, dut, memories, hold=holds, limit=limit)
    assert got.logits == case.logits.tolist()
    for done, hold, begin in zip(got.dones, holds, got.begins[1:], strict=False):
        assert begin > done + hold
