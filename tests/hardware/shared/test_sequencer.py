"""The order of words, sums and sweeps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from hwgen import golden
from hwgen.hardware.shared.sequencer import Sequencer
from hwgen.plans.step import Array

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


PORTS = ["valid", "sweep", "address", "in_range", "weight_address", "first", "last", "tag"]


def issue(bench, plain, sweeps, *, wait: int = 0, hold: int = 0) -> Issued:
    """Run a window; each sweep's values are written `wait` cycles after its last sum."""
    dut, issued = Sequencer(sweeps), Issued()
    total = sum(sweep.cycles for sweep in sweeps)

    async def process(ctx, _):
        ctx.set(dut.start, 1)
        written_at = -1
        for cycle in range(total + (wait + 12) * len(sweeps) + hold):
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
                if item["last"] and item["tag"]["sweep_last"]:
                    written_at = cycle + 1 + wait
            await ctx.tick()
            ctx.set(dut.start, 0)

    bench(dut, process)
    return issued


@pytest.mark.parametrize(
    "array", [Array(1, 1), Array(2, 3), Array(4, 4), Array(3, 8), Array(1, 32)], ids=str
)
@pytest.mark.parametrize("network", NETWORKS)
def test_words_weights_and_tags(*, bench, plain, make_chain, pack, network, array):
    chain = NETWORKS[network](make_chain(4, 24))
    sweeps = chain.sweeps(array)
    issued = issue(bench, plain, sweeps, wait=array.rows + 12)
    assert [number for _, number in issued.begins] == list(range(len(sweeps)))

    value = chain.features(1)
    ops = [op for op in chain.ops if op.op != "maxpool1d"]
    starts = np.cumsum([0] + [len(sweep.weight_words) for sweep in sweeps])
    bias_starts = np.cumsum([0] + [len(sweep.bias_words) for sweep in sweeps])
    for number, (sweep, op) in enumerate(zip(sweeps, ops, strict=True)):
        row = value[0].T.ravel() if value.ndim == 3 else value[0]
        packed = pack(row, array.lanes, sweep.source.padding, 8)
        exact = golden.accumulate(op, value)[0]
        exact = exact.T if exact.ndim == 2 else exact[np.newaxis]
        mine = [item for item in issued.words if item["sweep"] == number]
        tags = expected_tags(sweep, number, int(bias_starts[number]))
        total = None
        for item in mine:
            lanes = np.zeros(array.lanes, dtype=np.int64)
            if item["in_range"]:
                word = packed[item["address"]]
                lanes = np.array([word >> 8 * lane & 255 for lane in range(array.lanes)])
            weights = sweep.weight_words[item["weight_address"] - starts[number]]
            assert item["first"] == (total is None)
            total = weights @ lanes + (0 if total is None else total)
            if item["last"]:
                tag, position, group = next(tags)
                assert item["tag"] == tag
                outputs = exact[position, group * array.rows : (group + 1) * array.rows]
                biases = op.bias[group * array.rows : (group + 1) * array.rows]
                assert (total[: len(outputs)] + biases == outputs).all()
                total = None
        assert next(tags, None) is None
        value = golden.run_op(op, value)
        following = chain.ops.index(op) + 1
        if following < len(chain.ops) and chain.ops[following].op == "maxpool1d":
            value = golden.run_op(chain.ops[following], value)


def expected_tags(sweep, number: int, bias: int):
    """Yield tag, position and group of every sum, in order."""
    pooled = sweep.positions // sweep.pool
    for place in range(pooled):
        for group in range(sweep.groups):
            for sub in range(sweep.pool):
                end = group == sweep.groups - 1
                tag = {
                    "sweep": number,
                    "bias": bias + group * sweep.array.rows,
                    "pool_first": int(sub == 0),
                    "pool_last": int(sub == sweep.pool - 1),
                    "group_last": int(end),
                    "sweep_last": int(end and place == pooled - 1 and sub == sweep.pool - 1),
                }
                yield tag, place * sweep.pool + sub, group


def test_sums_are_far_enough_apart(bench, plain, make_chain):
    sweeps = make_chain(1, 16).conv(9, 2, 2).dense(2, last=True).sweeps(Array(9, 2))
    issued = issue(bench, plain, sweeps, wait=20)
    lasts = [item["cycle"] for item in issued.words if item["last"] and item["sweep"] == 0]
    assert (np.diff(lasts) == sweeps[0].steps).all()
    assert sweeps[0].steps == 9


def test_the_last_sweep_waits_until_it_may_proceed(bench, plain, make_chain):
    sweeps = make_chain(1, 16).conv(2, 3, 2).dense(2, last=True).sweeps(Array(2, 2))
    free = issue(bench, plain, sweeps)
    held = issue(bench, plain, sweeps, hold=150)
    assert held.begins[0] == free.begins[0]
    assert held.begins[1] == (150, 1)
    strip = [{k: v for k, v in item.items() if k != "cycle"} for item in free.words]
    assert [{k: v for k, v in item.items() if k != "cycle"} for item in held.words] == strip


def test_features_are_consumed_once_and_not_before_they_are_read(bench, plain, make_chain):
    sweeps = make_chain(1, 16).conv(2, 3, 2).dense(2, last=True).sweeps(Array(2, 2))
    issued = issue(bench, plain, sweeps)
    last_read = max(item["cycle"] for item in issued.words if item["sweep"] == 0)
    assert len(issued.consumed) == 1
    assert issued.consumed[0] > last_read


def test_values_may_be_written_before_the_sweep_has_ended(bench, plain, make_chain):
    # Few words and many rows: the sums leave long before the last step is over.
    sweeps = make_chain(1, 16).conv(17, 2, 8).dense(2, last=True).sweeps(Array(16, 2))
    assert sweeps[0].steps - sweeps[0].words > 12
    issued = issue(bench, plain, sweeps, wait=1)
    assert [number for _, number in issued.begins] == [0, 1]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("wait", "hold"), [(3, 0), (30, 0), (3, 200)])
def test_it_is_busy_from_the_start_to_the_end(bench, plain, make_chain, network, wait, hold):
    sweeps = NETWORKS[network](make_chain(4, 24)).sweeps(Array(2, 3))
    issued = issue(bench, plain, sweeps, wait=wait, hold=hold)
    edges = np.flatnonzero(np.diff(issued.busy))
    # High in the cycle after the start, all along, and low when the last word has been asked for.
    assert edges[0] == 0
    assert len(edges) == 2
    ends = issued.words[-1]["cycle"]
    assert ends - 4 <= edges[1] <= ends


def test_a_start_is_ignored_while_it_is_busy(bench, plain, make_chain):
    sweeps = make_chain(4, 24).conv(3, 5, 2, 1).dense(4, last=True).sweeps(Array(2, 3))
    dut, begins = Sequencer(sweeps), []

    async def process(ctx, _):
        ctx.set(dut.proceed, 1)
        ctx.set(dut.written, 1)
        ctx.set(dut.start, 1)
        for cycle in range(2 * sum(sweep.cycles for sweep in sweeps) + 40):
            if ctx.get(dut.begin):
                begins.append((cycle, ctx.get(dut.begin_task), ctx.get(dut.busy)))
            await ctx.tick()

    bench(dut, process)
    assert [number for _, number, _ in begins[:4]] == [0, 1, 0, 1]
    assert {busy for *_, busy in begins} == {1}
