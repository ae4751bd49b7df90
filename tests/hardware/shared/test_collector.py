"""Bias, rounding, ReLU, tables and pooling against the golden model."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.hardware.shared.collector import Collector, bias_words
from hwgen.network import SAMPLES
from hwgen.plans.step import Array
from tests.integer_graphs import cases, exact_sums, row_of

WATCH = ["value_valid", "values", "value_last", "logit_valid", "logit", "logit_last"]
NETWORKS = {
    "conv, pool": lambda chain: chain.conv(3, 5, 2, 1).pool(2).dense(4, last=True),
    "signed, no shift": lambda chain: (
        chain.conv(4, 3, 2, relu=False, shift=0).pool(3).dense(3, last=True)
    ),
    "signed": lambda chain: chain.conv(5, 3, 2, relu=False, shift=5).dense(3, last=True),
    "two shifts": lambda chain: (
        chain.conv(3, 5, 4, 1, shift=1).conv(2, 3, shift=6).dense(5, shift=3).dense(2, last=True)
    ),
    "saturated in every format": lambda chain: (
        chain.conv(3, 5, 4, 1, relu=False, shift=0)
        .conv(2, 3, shift=0)
        .dense(5, shift=0)
        .dense(2, last=True)
    ),
    "saturated, other weights": lambda chain: (
        chain.conv(4, 5, 4, 1, relu=False, shift=0)
        .dense(6, shift=0)
        .dense(5, shift=0)
        .dense(4, shift=0)
        .dense(2, last=True)
    ),
    "saturated, more weights": lambda chain: (
        chain.conv(2, 3, 2, 1, relu=False, shift=0)
        .conv(4, 2, relu=False, shift=0)
        .conv(3, 3, shift=0)
        .dense(4, shift=0)
        .dense(2, last=True)
    ),
    "dense only": lambda chain: chain.dense(7, last=True),
}


def stimulus(plan, graph, values, rng, most_wait: int):
    """Return inputs, and the cycles in which sums come, per step."""
    rows = plan.array.rows
    inputs: dict[str, list] = {"valid": [], "sums": [], "tag": []}
    starts: list[list[int]] = []
    bias = 0
    rubbish = {
        "step": 0,
        "bias": 0,
        "pool_first": 1,
        "pool_last": 1,
        "group_last": 0,
        "task_last": 1,
    }

    def put(valid: int, sums: list[int], tag: dict) -> None:
        for name, item in zip(inputs, (valid, sums, tag), strict=True):
            inputs[name].append(item)

    for number, (step, depth) in enumerate(zip(plan.steps, plan.bias_depths, strict=True)):
        plain = exact_sums(graph, values, step) - step.bias
        # Rows without an output hold rubbish.
        padded = np.full((len(plain), step.groups * rows), 77, dtype=np.int64)
        padded[:, : step.outputs] = plain
        starts.append([])
        apart = rows if step.exact else rows // plan.array.drain
        for place in range(step.positions // step.pool):
            for group in range(step.groups):
                for sub in range(step.kept):
                    end = group == step.groups - 1
                    final = place == step.positions // step.pool - 1
                    tag = {
                        "step": number,
                        "bias": bias + group * (depth // step.groups),
                        "pool_first": int(sub == 0),
                        "pool_last": int(sub == step.kept - 1),
                        "group_last": int(end),
                        "task_last": int(end and final and sub == step.kept - 1),
                    }
                    if plan.leaves_out:
                        tag["beyond"] = int(step.beyond[place * step.pool + sub])
                    sums = padded[place * step.kept + sub, group * rows : (group + 1) * rows]
                    starts[-1].append(len(inputs["valid"]))
                    put(1, sums.tolist(), tag)
                    for _ in range(apart - 1 + int(rng.integers(0, most_wait + 1))):
                        put(0, [-1] * rows, rubbish)
        bias += depth
    put(0, [-1] * rows, rubbish)
    return inputs, starts


def check_collected(play, plan, graph, values, rng, most_wait: int) -> None:
    """Compare values and logits of one window with the golden model's, in order and on time."""
    inputs, starts = stimulus(plan, graph, values, rng, most_wait)
    after = plan.array.rows + plan.value_latency + 10
    got = play(Collector(plan), inputs, WATCH, cycles=len(inputs["valid"]) + after)
    expected, lasts = [], []
    for step in plan.steps[:-1]:
        row = row_of(values[step.writes][0]).reshape(-1, plan.array.drain).tolist()
        expected += row
        lasts += [0] * (len(row) - 1) + [1]
    cycles = np.flatnonzero(got["value_valid"]).tolist()
    assert [got["values"][cycle] for cycle in cycles] == expected
    assert [got["value_last"][cycle] for cycle in cycles] == lasts
    if len(plan.steps) > 1:
        first = plan.steps[0]
        late = plan.value_latency + (first.post.pairs is not None)
        assert cycles[0] == starts[0][first.kept - 1] + late
    logits = np.flatnonzero(got["logit_valid"]).tolist()
    assert [got["logit"][cycle] for cycle in logits] == values[plan.steps[-1].name][0].tolist()
    assert [got["logit_last"][cycle] for cycle in logits] == [0] * (len(logits) - 1) + [1]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("most_wait", [0, 3])
def test_values_and_logits_are_the_golden_models(play, make_chain, rows, network, most_wait):
    rng = np.random.default_rng(rows)
    chain = NETWORKS[network](make_chain(6, 20))
    values = chain.graph.walk(golden.run_node, {SAMPLES: chain.features(2)[1:]})
    check_collected(play, chain.plan(Array(rows, 2)), chain.graph, values, rng, most_wait)


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("most_wait", [0, 3])
def test_values_of_any_wiring(play, seed, most_wait):
    """With tables, several values at once, groups of positions that overlap."""
    ((_, case, array),) = cases([seed], small=True, windows=1)
    rng = np.random.default_rng(seed)
    check_collected(play, case.layers(array), case.model.graph, case.values, rng, most_wait)


def test_latency_to_the_first_logit(play, make_chain):
    chain = make_chain(6, 20).dense(7, last=True)
    plan = chain.plan(Array(2, 2))
    rng = np.random.default_rng(1)
    values = chain.graph.walk(golden.run_node, {SAMPLES: chain.features(1)})
    inputs, starts = stimulus(plan, chain.graph, values, rng, 0)
    got = play(Collector(plan), inputs, WATCH, cycles=len(inputs["valid"]) + 12)
    assert got["logit_valid"].index(1) == starts[0][0] + Collector.logit_latency


@pytest.mark.parametrize(("drain", "turns"), [(1, 4), (2, 2), (4, 1)])
def test_biases_in_the_order_of_what_leaves(make_chain, drain, turns):
    chain = make_chain(6, 20).conv(8, 3, 2).dense(3, last=True)
    conv, dense = chain.plan(Array(4, 4, drain)).steps
    found = bias_words(conv, drain)
    assert [len(biases) for biases, _ in found] == [drain] * 2 * turns
    assert [bias for biases, _ in found for bias in biases] == chain.ops[0].bias.tolist()
    assert {align for _, align in found} == {0}
    # Logits leave one by one, each with its alignment.
    logits = list(zip([[bias] for bias in chain.ops[1].bias], chain.ops[1].align, strict=True))
    assert bias_words(dense, drain) == [*logits, ([0], 0)]
