"""The last dense layer while its inputs arrive, against the golden model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen import golden
from hwgen.fixedpoint import Format, Integers
from hwgen.golden import classify
from hwgen.hardware.unrolled.conv import AHEAD, UnrolledConv
from hwgen.hardware.unrolled.dense import UnrolledDense
from hwgen.plans.unrolled.conv import UnrolledConvPlan
from hwgen.plans.unrolled.dense import UnrolledDensePlan
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d

ACTIVATION = Format(False, 4, 0)


def dense(
    rng: np.random.Generator,
    inputs: int,
    classes: int,
    *,
    bits: int = 5,
    source: Format = ACTIVATION,
    low: int = -400,
    high: int = 400,
    align: int = 3,
) -> QuantizedDense:
    most = (1 << (bits - 1)) - 1
    return QuantizedDense(
        name="dense",
        shape=(inputs,),
        source=source,
        weight=rng.integers(-most, most + 1, (classes, inputs)),
        bias=rng.integers(low, high, classes),
        weight_bits=bits,
        relu=False,
        last=True,
        shift=0,
        align=rng.integers(0, align, classes),
        out=Format(True, 22, 0),
        scale=np.ones(classes),
    )


def play_groups(
    play, dut: UnrolledDense, windows: Integers, rng, *, interval: int, most_pause=0, most_gap=0
):
    """Send ``(n, groups, group)`` values; return classes, logits, and cycles from last to result.

    Without a group the ports hold rubbish. Logits and class are checked to stand.
    """
    fmt = dut._op.source
    starts: list[int] = []
    lasts: list[int] = []
    cycle = AHEAD
    for window in windows:
        cycle += int(rng.integers(0, most_gap + 1))
        for number in range(len(window)):
            starts.append(cycle)
            last = cycle
            cycle += interval + int(rng.integers(0, most_pause + 1))
            if number == len(window) - 1:
                lasts.append(last)
                cycle = max(cycle, last + dut.plan.gap)
    length = cycle + 1
    values = rng.integers(fmt.min, fmt.max + 1, (length, windows.shape[2]))
    values[starts] = windows.reshape(-1, windows.shape[2])
    soon, first = np.zeros(length, dtype=int), rng.integers(0, 2, length)
    soon[np.array(starts) - AHEAD] = 1
    first[np.array(starts) - AHEAD] = 0
    first[np.array(starts[:: windows.shape[1]]) - AHEAD] = 1
    got = play(
        dut,
        {
            "soon": soon.tolist(),
            "soon_first": first.tolist(),
            "values": values.tolist(),
        },
        ["o_valid", "class_", "logits"],
        cycles=length + dut.plan.latency + 5,
    )
    done = np.flatnonzero(got["o_valid"]).tolist()
    for at, following in zip(done, [*done[1:], len(got["class_"])], strict=True):
        assert all(got["class_"][later] == got["class_"][at] for later in range(at, following))
        assert all(got["logits"][later] == got["logits"][at] for later in range(at, following))
    assert len(done) == len(windows)
    return (
        [got["class_"][at] for at in done],
        [got["logits"][at] for at in done],
        (np.array(done) - lasts).tolist(),
    )


@dataclass
class Drawn:
    """A random component, its windows as they arrive, and the golden model's logits."""

    rng: np.random.Generator
    op: QuantizedDense
    order: list[int | None]
    group: int
    interval: int
    at_once: int
    dsp: int
    windows: Integers
    logits: Integers

    @property
    def queued(self) -> bool:
        return self.group // self.at_once > self.interval

    def component(self) -> UnrolledDense:
        return UnrolledDense(
            UnrolledDensePlan(
                self.op, tuple(self.order), self.group, self.at_once, self.dsp, self.interval
            )
        )


def drawn(seed: int) -> Drawn:
    rng = np.random.default_rng(seed)
    beats = int(rng.integers(1, 5))
    at_once = int(rng.integers(1, 4))
    groups, group = int(rng.integers(1, 12)), beats * at_once
    classes = int(rng.integers(1, 13))
    spare = int(rng.integers(0, group))
    inputs = groups * group - spare
    source = Format(bool(rng.integers(4) == 0), int(rng.integers(1, 6)), 0)
    high = 400 if rng.integers(2) else -350  # all negative where weights are small
    op = dense(rng, inputs, classes, bits=int(rng.integers(2, 7)), source=source, high=high)
    order = rng.permutation(inputs)
    windows = rng.integers(source.min, source.max + 1, (4, inputs))
    windows[0] = source.max
    windows[1] = source.min
    arriving = rng.integers(source.min, source.max + 1, (4, groups * group))
    arriving[:, :inputs] = windows[:, order]
    return Drawn(
        rng,
        op,
        [*order.tolist(), *[None] * spare],
        group,
        interval=int(rng.integers(1, 4)),
        at_once=at_once,
        dsp=int(rng.integers(0, 20)),
        windows=arriving.reshape(4, groups, group),
        logits=golden.run_op(op, windows),
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_shape_is_the_golden_model(play, seed):
    each = drawn(seed)
    dut, rng = each.component(), each.rng
    assert dut.plan.queued == each.queued
    pause = int(rng.integers(0, 3))
    classes, got, latency = play_groups(
        play,
        dut,
        each.windows,
        rng,
        interval=each.interval,
        most_pause=pause,
        most_gap=int(rng.integers(0, 9)),
    )
    assert got == each.logits.tolist()
    assert classes == classify(each.logits).tolist()
    if pause and dut.plan.queued:
        assert max(latency) <= dut.plan.latency
    else:
        assert set(latency) == {dut.plan.latency}


def test_random_shapes_reach_every_kind():
    every = [drawn(seed) for seed in range(40)]
    assert {each.queued for each in every} == {True, False}
    assert {None in each.order for each in every} == {True, False}
    assert {each.group > each.at_once and not each.queued for each in every} == {True, False}
    assert min(len(each.op.bias) for each in every) == 1
    assert max(len(each.op.bias) for each in every) > 8
    assert {each.dsp < each.at_once * len(each.op.bias) for each in every} == {True, False}
    assert {low < 0 for each in every for low in each.logits.max(axis=1)} == {True, False}


def test_ties_go_to_the_first(play):
    rng = np.random.default_rng(4)
    op = dense(rng, 4, 3, align=1)
    op = replace(op, weight=np.eye(3, 4, dtype=np.int64), bias=np.array([-9, -9, -9]))
    dut = UnrolledDense(UnrolledDensePlan(op, tuple(range(4)), 2, 1, 3, 2))
    windows = np.array([[3, 3, 3, 0], [1, 3, 3, 0], [2, 1, 2, 0], [0, 0, 1, 5]])
    classes, _, _ = play_groups(play, dut, windows.reshape(4, 2, 2), rng, interval=2)
    assert classes == [0, 1, 0, 2]


@pytest.mark.parametrize("interval", [1, 2])
def test_a_first_group_begins_anew_whatever_came_before(play, interval):
    rng = np.random.default_rng(5)
    op = dense(rng, 12, 4)
    dut = UnrolledDense(UnrolledDensePlan(op, tuple(range(12)), 4, 2, 2, interval))
    assert dut.plan.queued == (interval == 1)
    window = rng.integers(0, 16, (3, 4))
    length, again = 60, 20
    soon, first, values = [0] * length, [0] * length, rng.integers(0, 16, (length, 4))
    for start, groups in ((0, 2), (again, 3)):
        for number in range(groups):
            soon[start + number * interval] = 1
            values[start + number * interval + AHEAD] = window[number]
        first[start] = 1
    inputs = {"soon": soon, "soon_first": first, "values": values.tolist()}
    got = play(dut, inputs, ["o_valid", "logits"])
    done = np.flatnonzero(got["o_valid"]).tolist()
    assert done == [again + AHEAD + 2 * interval + dut.plan.latency]
    assert [got["logits"][done[0]]] == golden.run_op(op, window.reshape(1, -1)).tolist()


def test_reset_takes_a_window_on_its_way(play):
    op = dense(np.random.default_rng(6), 4, 3)
    dut = UnrolledDense(UnrolledDensePlan(op, tuple(range(4)), 4, 4, 2))
    inputs = {"soon": [1, 0], "soon_first": [1, 0], "values": [[1, 2, 3, 4]]}
    assert not any(play(dut, inputs, ["o_valid"], cycles=30, reset=[4])["o_valid"])


class Layers(wiring.Component):
    """Convolution, pooling and dense layer behind one another."""

    def __init__(self, conv: UnrolledConv, last: UnrolledDense):
        self.conv, self.last_layer = conv, last
        super().__init__(
            {name: In(conv.signature.members[name].shape) for name in ("valid", "first", "last")}
            | {
                "values": In(conv.values.shape()),
                "o_valid": Out(1),
                "class_": Out(last.class_.shape()),
                "logits": Out(last.logits.shape()),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.conv, m.submodules.dense = conv, last = self.conv, self.last_layer
        m.d.comb += [getattr(conv, n).eq(getattr(self, n)) for n in ("valid", "first", "last")]
        m.d.comb += [
            conv.values.eq(self.values),
            last.soon.eq(conv.o_soon),
            last.soon_first.eq(conv.o_soon_first),
            last.values.eq(conv.o_values),
            self.o_valid.eq(last.o_valid),
            self.class_.eq(last.class_),
            self.logits.eq(last.logits),
        ]
        return m


@pytest.mark.parametrize(("lanes", "at_once"), [(8, 1), (8, 2), (16, 4)])
def test_the_published_shape_behind_its_convolution(play, lanes, at_once):
    rng = np.random.default_rng(lanes + at_once)
    conv = QuantizedConv1d(
        name="conv1",
        length=1024,
        source=Format(False, 8, 0),
        weight=rng.integers(-15, 16, (4, 1, 64)),
        bias=rng.integers(-3000, 3000, 4),
        weight_bits=5,
        stride=8,
        padding=28,
        relu=True,
        shift=6,
        out=Format(False, 8, 0),
        scale=np.ones(4),
    )
    pool = QuantizedMaxPool1d("pool", 2, 4, 128, conv.out, conv.scale)
    op = dense(rng, 256, 10, bits=8, source=conv.out)
    first = UnrolledConv(UnrolledConvPlan(conv, 2, lanes))
    plan = first.plan
    second = UnrolledDense(
        UnrolledDensePlan(op, plan.order, plan.group, at_once, 12, plan.interval)
    )
    windows = rng.integers(0, 256, (2, 1, 1024)) >> rng.integers(0, 8, (2, 1, 1024))
    logits = golden.run_op(op, golden.run_op(pool, golden.run_op(conv, windows)))
    pause = plan.gap + second.plan.gap
    words = windows.reshape(2, -1, lanes)
    count = words.shape[1]
    values = np.zeros((2, count + pause, lanes), dtype=np.int64)
    values[:, :count] = words
    mark = np.arange(count + pause)
    got = play(
        Layers(first, second),
        {
            "valid": [*np.tile(mark < count, 2).astype(int).tolist(), 0],
            "first": np.tile(mark == 0, 2).astype(int).tolist(),
            "last": np.tile(mark == count - 1, 2).astype(int).tolist(),
            "values": values.reshape(-1, lanes).tolist(),
        },
        ["o_valid", "class_", "logits"],
        cycles=2 * (count + pause) + plan.latency + second.plan.latency + 5,
    )
    done = np.flatnonzero(got["o_valid"]).tolist()
    latency = plan.latency + second.plan.latency
    assert done == [count - 1 + latency, 2 * count + pause - 1 + latency]
    assert [got["logits"][cycle] for cycle in done] == logits.tolist()
    assert [got["class_"][cycle] for cycle in done] == classify(logits).tolist()
