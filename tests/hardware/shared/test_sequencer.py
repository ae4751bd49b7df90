"""The order of words, sums and steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.hardware.shared.sequencer import Sequencer
from hwgen.network import SAMPLES
from hwgen.plans.layout import Layout
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array
from tests.integer_graphs import Maker, cases, exact_sums, row_of

NETWORKS = {
    "conv, pool": lambda chain: chain.conv(3, 5, 2, 1).pool(2).dense(4, last=True),
    "rest of a pool, phases": lambda chain: chain.conv(4, 6, 3, 4).pool(3).dense(3, last=True),
    "two convs": lambda chain: (
        chain.conv(3, 3, 1, 1).pool(2).conv(5, 3, 1, 2).dense(6).dense(3, last=True)
    ),
    "dense only": lambda chain: chain.dense(5, last=True),
    "more rows than words": lambda chain: chain.conv(9, 2, 2).dense(2, last=True),
}


@dataclass
class Issued:
    """What a sequencer gave out for one window."""

    words: list[dict] = field(default_factory=list)
    begins: list[tuple[int, int]] = field(default_factory=list)
    consumed: list[int] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


PORTS = [
    *("valid", "step", "read", "address", "in_range", "weight_address", "shift"),
    *("first", "last", "tag"),
]


def issue(bench, plain, plan: SharedPlan, *, wait: int = 0, hold: int = 0) -> Issued:
    """Run a window; each step's values are written `wait` cycles after its last sum."""
    dut, issued = Sequencer(plan), Issued()
    total = sum(step.cycles for step in plan.steps)

    async def process(ctx, _):
        ctx.set(dut.start, 1)
        written_at = -1
        for cycle in range(total + (wait + 16) * len(plan.steps) + hold):
            ctx.set(dut.proceed, cycle >= hold)
            ctx.set(dut.written, cycle == written_at)
            if ctx.get(dut.begin):
                issued.begins.append((cycle, ctx.get(dut.begin_task)))
            if ctx.get(dut.consumed):
                issued.consumed.append(cycle)
            issued.busy.append(ctx.get(dut.busy))
            if ctx.get(dut.valid):
                item = {name: plain(ctx.get(getattr(dut, name))) for name in PORTS}
                issued.words.append(item | {"cycle": cycle})
                if item["last"] and item["tag"]["task_last"]:
                    written_at = cycle + 1 + wait
            await ctx.tick()
            ctx.set(dut.start, 0)

    bench(dut, process)
    return issued


def check_words(issued: Issued, plan: SharedPlan, graph, values) -> None:
    """Compare each word's meeting with its weights, sum by sum, with the golden model's sums."""
    assert [number for _, number in issued.begins] == list(range(len(plan.steps)))
    rows = plan.array.rows
    starts = np.cumsum([0] + [len(step.weight_words) for step in plan.steps])
    biases = np.cumsum([0, *plan.bias_depths])
    for number, step in enumerate(plan.steps):
        words = {
            read.value: words_of(row_of(values[read.value][0]), read.source) for read in step.reads
        }
        exact = np.zeros((step.positions // step.pieces, step.groups * rows), dtype=np.int64)
        exact[:, : step.outputs] = exact_sums(graph, values, step)
        tags = expected_tags(plan, number, int(biases[number]))
        total = np.zeros(rows, dtype=np.int64)
        fresh = True
        for item in (item for item in issued.words if item["step"] == number):
            read = step.reads[item["read"]]
            lanes = words[read.value][item["address"]] if item["in_range"] else 0
            weights = step.weight_words[item["weight_address"] - starts[number]]
            assert item["first"] == fresh
            assert plan.shifts[item["shift"]] == read.shift
            total = total * (not fresh) + ((weights * lanes).sum(axis=1) << read.shift)
            fresh = bool(item["last"])
            if fresh:
                tag, place, group = next(tags)
                assert item["tag"] == tag
                outputs = slice(group * rows, (group + 1) * rows)
                assert (total + step.bias_words[outputs] == exact[place, outputs]).all()
        assert next(tags, None) is None


def words_of(row: Integers, layout: Layout) -> Integers:
    """Return the words ``(words, lanes)`` of a value's memory."""
    words = np.zeros((layout.last_word + 1) * layout.lanes, dtype=np.int64)
    words[layout.padding : layout.padding + len(row)] = row
    return words.reshape(-1, layout.lanes)


@pytest.mark.parametrize(
    "array",
    [Array(1, 1), Array(2, 3), Array(4, 4), Array(3, 8), Array(1, 32)],
    ids=str,
)
@pytest.mark.parametrize("network", NETWORKS)
def test_words_weights_and_tags(*, bench, plain, make_chain, network, array):
    chain = NETWORKS[network](make_chain(4, 24))
    plan = chain.plan(array)
    values = chain.graph.walk(golden.run_node, {SAMPLES: chain.features(1)})
    issued = issue(bench, plain, plan, wait=array.rows + 12)
    check_words(issued, plan, chain.graph, values)


@pytest.mark.parametrize("seed", range(24))
def test_words_of_several_values(bench, plain, seed):
    ((_, case, array),) = cases([seed], small=True, windows=1)
    plan = case.layers(array)
    issued = issue(bench, plain, plan, wait=array.rows + 12)
    check_words(issued, plan, case.model.graph, case.values)


@pytest.mark.parametrize(("size", "stride"), [(2, 3), (1, 4), (3, 7), (2, 5)])
@pytest.mark.parametrize("array", [Array(2, 1), Array(1, 4), Array(2, 3)], ids=str)
def test_positions_between_groups(*, bench, plain, size, stride, array):
    make = Maker(np.random.default_rng(7), windows=1)
    conv = make.conv(make.begin("direct", 64, 1), 3, 3, padding=1)
    make.dense(make.max_pool(conv, size, stride), 2, last=True)
    case = make.case
    plan = case.layers(array)
    check_words(issue(bench, plain, plan, wait=20), plan, case.model.graph, case.values)


def expected_tags(plan: SharedPlan, number: int, bias: int):
    """Yield tag, number and group of every sum, in order."""
    step = plan.steps[number]
    pooled = step.positions // step.pool
    for place in range(pooled):
        for group in range(step.groups):
            for sub in range(step.kept):
                end = group == step.groups - 1
                tag = {
                    "step": number,
                    "bias": bias + group * (plan.bias_depths[number] // step.groups),
                    "pool_first": int(sub == 0),
                    "pool_last": int(sub == step.kept - 1),
                    "group_last": int(end),
                    "task_last": int(end and place == pooled - 1 and sub == step.kept - 1),
                }
                if plan.leaves_out:
                    tag["beyond"] = int(step.beyond[place * step.pool + sub])
                yield tag, place * step.kept + sub, group


def test_sums_are_far_enough_apart(bench, plain, make_chain):
    plan = make_chain(1, 16).conv(9, 2, 2).dense(2, last=True).plan(Array(9, 2))
    issued = issue(bench, plain, plan, wait=20)
    lasts = [item["cycle"] for item in issued.words if item["last"] and item["step"] == 0]
    assert (np.diff(lasts) == plan.steps[0].steps).all()
    assert plan.steps[0].steps == 9


def test_the_last_step_waits_until_it_may_proceed(bench, plain, make_chain):
    plan = make_chain(1, 16).conv(2, 3, 2).dense(2, last=True).plan(Array(2, 2))
    free = issue(bench, plain, plan)
    held = issue(bench, plain, plan, hold=150)
    assert held.begins[0] == free.begins[0]
    assert held.begins[1] == (150, 1)
    strip = [{k: v for k, v in item.items() if k != "cycle"} for item in free.words]
    assert [{k: v for k, v in item.items() if k != "cycle"} for item in held.words] == strip


def test_features_are_consumed_once_and_not_before_they_are_read(bench, plain, make_chain):
    plan = make_chain(1, 16).conv(2, 3, 2).dense(2, last=True).plan(Array(2, 2))
    issued = issue(bench, plain, plan)
    last_read = max(item["cycle"] for item in issued.words if item["step"] == 0)
    assert len(issued.consumed) == 1
    assert issued.consumed[0] > last_read


def test_values_may_be_written_before_the_step_has_ended(bench, plain, make_chain):
    # Few words and many rows: the sums leave long before the last step is over.
    plan = make_chain(1, 16).conv(17, 2, 8).dense(2, last=True).plan(Array(16, 2))
    assert plan.steps[0].steps - plan.steps[0].words > 12
    issued = issue(bench, plain, plan, wait=1)
    assert [number for _, number in issued.begins] == [0, 1]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("wait", "hold"), [(3, 0), (30, 0), (3, 200)])
def test_it_is_busy_from_the_start_to_the_end(bench, plain, make_chain, network, wait, hold):
    plan = NETWORKS[network](make_chain(4, 24)).plan(Array(2, 3))
    issued = issue(bench, plain, plan, wait=wait, hold=hold)
    edges = np.flatnonzero(np.diff(issued.busy))
    # High in the cycle after the start, all along, and low when the last word has been asked for.
    assert edges[0] == 0
    assert len(edges) == 2
    ends = issued.words[-1]["cycle"]
    assert ends - 4 <= edges[1] <= ends


def test_a_start_is_ignored_while_it_is_busy(bench, plain, make_chain):
    plan = make_chain(4, 24).conv(3, 5, 2, 1).dense(4, last=True).plan(Array(2, 3))
    dut, begins = Sequencer(plan), []

    async def process(ctx, _):
        ctx.set(dut.proceed, 1)
        ctx.set(dut.written, 1)
        ctx.set(dut.start, 1)
        for cycle in range(2 * sum(step.cycles for step in plan.steps) + 40):
            if ctx.get(dut.begin):
                begins.append((cycle, ctx.get(dut.begin_task), ctx.get(dut.busy)))
            await ctx.tick()

    bench(dut, process)
    assert [number for _, number, _ in begins[:4]] == [0, 1, 0, 1]
    assert {busy for *_, busy in begins} == {1}


def test_features_are_there_until_the_last_step_that_reads_them(bench, plain):
    make = Maker(np.random.default_rng(1), windows=1)
    first = make.begin("direct", 16, 1)
    conv = make.same(make.same(first, 2, relu=True), 2)
    make.dense(make.same(conv, 1, first), 2, last=True)
    plan = make.case.layers(Array(2, 3))
    assert plan.last_of_features == 2
    issued = issue(bench, plain, plan, wait=20)
    last_read = max(item["cycle"] for item in issued.words if item["step"] == 2)
    next_read = min(item["cycle"] for item in issued.words if item["step"] == 3)
    assert len(issued.consumed) == 1
    assert last_read < issued.consumed[0] < next_read
