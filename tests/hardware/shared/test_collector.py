"""Bias, rounding, ReLU and pooling against the golden model."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import signed_width
from hwgen.hardware.shared.collector import Collector
from hwgen.plans.step import Array

WATCH = ["value_valid", "value", "value_last", "logit_valid", "logit", "logit_last"]
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


def stimulus(chain, sweeps, features, rng, most_wait: int):
    """Return inputs, and the cycles in which sums come, per sweep."""
    rows = sweeps[0].array.rows
    inputs: dict[str, list] = {"valid": [], "sums": [], "tag": []}
    starts: list[list[int]] = []
    value, bias = features, 0
    rubbish = {
        "sweep": 0,
        "bias": 0,
        "pool_first": 1,
        "pool_last": 1,
        "group_last": 0,
        "sweep_last": 1,
    }

    def put(valid: int, sums: list[int], tag: dict) -> None:
        for name, item in zip(inputs, (valid, sums, tag), strict=True):
            inputs[name].append(item)

    ops = iter(chain.ops)
    for number, sweep in enumerate(sweeps):
        op = next(ops)
        plain = golden.accumulate(op, value)[0]
        plain = (plain.T if plain.ndim == 2 else plain[np.newaxis]) - op.bias
        padded = np.zeros((len(plain), sweep.groups * rows), dtype=np.int64)
        padded[:, : sweep.outputs] = plain
        padded[:, sweep.outputs :] = 77  # rows without an output hold rubbish
        starts.append([])
        for place in range(sweep.positions // sweep.pool):
            for group in range(sweep.groups):
                for sub in range(sweep.pool):
                    end = group == sweep.groups - 1
                    final = place == sweep.positions // sweep.pool - 1
                    tag = {
                        "sweep": number,
                        "bias": bias + group * rows,
                        "pool_first": int(sub == 0),
                        "pool_last": int(sub == sweep.pool - 1),
                        "group_last": int(end),
                        "sweep_last": int(end and final and sub == sweep.pool - 1),
                    }
                    sums = padded[place * sweep.pool + sub, group * rows : (group + 1) * rows]
                    starts[-1].append(len(inputs["valid"]))
                    put(1, sums.tolist(), tag)
                    for _ in range(rows - 1 + int(rng.integers(0, most_wait + 1))):
                        put(0, [-1] * rows, rubbish)
        bias += sweep.groups * rows
        value = golden.run_op(op, value)
        if sweep.pool > 1:
            value = golden.run_op(next(ops), value)
    put(0, [-1] * rows, rubbish)
    return inputs, starts


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("most_wait", [0, 3])
def test_values_and_logits_are_the_golden_models(play, make_chain, rows, network, most_wait):
    rng = np.random.default_rng(rows)
    chain = NETWORKS[network](make_chain(6, 20))
    sweeps = chain.sweeps(Array(rows, 2))
    features = chain.features(2)[1:]
    ranges = [sweep.accumulator for sweep in sweeps]
    width = signed_width(min(low for low, _ in ranges), max(high for _, high in ranges))
    dut = Collector(sweeps, width, chain.value_width, 20)
    inputs, starts = stimulus(chain, sweeps, features, rng, most_wait)
    got = play(dut, inputs, WATCH, cycles=len(inputs["valid"]) + rows + 10)

    expected, lasts = [], []
    value = features
    for op, following in zip(chain.ops, [*chain.ops[1:], None], strict=True):
        value = golden.run_op(op, value)
        if following is None:
            break
        if following.op != "maxpool1d":
            row = value[0].T.ravel().tolist() if value.ndim == 3 else value[0].tolist()
            expected += row
            lasts += [0] * (len(row) - 1) + [1]
    cycles = np.flatnonzero(got["value_valid"]).tolist()
    assert [got["value"][cycle] for cycle in cycles] == expected
    assert [got["value_last"][cycle] for cycle in cycles] == lasts
    if len(sweeps) > 1:
        assert cycles[0] == starts[0][sweeps[0].pool - 1] + Collector.value_latency
    logits = np.flatnonzero(got["logit_valid"]).tolist()
    assert [got["logit"][cycle] for cycle in logits] == value[0].tolist()
    assert [got["logit_last"][cycle] for cycle in logits] == [0] * (len(logits) - 1) + [1]


def test_latency_to_the_first_logit(play, make_chain):
    chain = make_chain(6, 20).dense(7, last=True)
    sweeps = chain.sweeps(Array(2, 2))
    dut = Collector(sweeps, 20, chain.value_width, 20)
    rng = np.random.default_rng(1)
    inputs, starts = stimulus(chain, sweeps, chain.features(1), rng, 0)
    got = play(dut, inputs, WATCH, cycles=len(inputs["valid"]) + 12)
    assert got["logit_valid"].index(1) == starts[0][0] + Collector.logit_latency
