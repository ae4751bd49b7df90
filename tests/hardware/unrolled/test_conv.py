"""A convolution with all its weights at once, word by word, against the golden model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import golden
from hwgen.fixedpoint import Format, Integers
from hwgen.hardware.unrolled.conv import AHEAD, UnrolledConv
from hwgen.plans.unrolled.conv import UnrolledConvPlan
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d

FEATURE = Format(False, 5, 0)
ACTIVATION = Format(False, 4, 0)
WATCH = ["o_soon", "o_soon_first", "o_valid", "o_first", "o_last", "o_values"]


def conv(
    rng: np.random.Generator,
    *,
    length: int,
    filters: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    padding_right: int | None = None,
    dilation: int = 1,
    bits: int = 5,
    shift: int = 4,
    source: Format = FEATURE,
    out: Format = ACTIVATION,
) -> QuantizedConv1d:
    most = (1 << (bits - 1)) - 1
    return QuantizedConv1d(
        name="conv",
        length=length,
        source=source,
        weight=rng.integers(-most, most + 1, (filters, 1, kernel)),
        bias=rng.integers(-100, 100, filters),
        weight_bits=bits,
        stride=stride,
        padding=padding,
        padding_right=padding_right,
        dilation=dilation,
        relu=not out.signed,
        shift=shift,
        out=out,
        scale=np.ones(filters),
    )


def expected(op: QuantizedConv1d, pool: int, windows: Integers) -> Integers:
    """Return the golden model's output, flattened channel-major."""
    value = golden.run_op(op, windows[:, np.newaxis])
    shape = op.output.shape
    pooling = QuantizedMaxPool1d("pool", pool, *shape, op.out, op.scale)
    return golden.run_op(pooling, value).reshape(len(windows), -1)


@dataclass
class Words:
    """What the ports see in each cycle, and where windows begin and end."""

    valid: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    values: list[list[int]] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)

    def put(self, word: list[int], *, valid: int, first: int, last: int) -> None:
        self.valid.append(valid)
        self.first.append(first)
        self.last.append(last)
        self.values.append(word)


def words_of(
    dut: UnrolledConv,
    windows: Integers,
    rng: np.random.Generator,
    *,
    most_pause: int = 0,
    most_gap: int = 0,
) -> Words:
    """Return the windows' words; without ``valid`` the ports hold rubbish."""
    plan = dut.plan
    seen = Words()
    fmt = plan.op.source

    def idle(cycles: int) -> None:
        for _ in range(cycles):
            rubbish = rng.integers(fmt.min, fmt.max + 1, plan.lanes).tolist()
            seen.put(rubbish, valid=0, first=int(rng.integers(2)), last=int(rng.integers(2)))

    idle(int(rng.integers(0, most_gap + 1)))
    for window in windows:
        row = np.zeros(plan.words * plan.lanes, dtype=np.int64)
        row[plan.offset : plan.offset + len(window)] = window
        for number, word in enumerate(row.reshape(-1, plan.lanes).tolist()):
            if number:
                idle(int(rng.integers(0, most_pause + 1)))
            seen.put(word, valid=1, first=number == 0, last=number == plan.words - 1)
        seen.lasts.append(len(seen.valid) - 1)
        idle(dut.plan.gap - 1 + int(rng.integers(0, most_gap + 1)))
    return seen


def run(play, dut: UnrolledConv, words: Words):
    """Return each window's values in the order of the flattened output, and the traces."""
    inputs = {name: getattr(words, name) for name in ("valid", "first", "last", "values")}
    for name in ("valid", "first", "last"):
        inputs[name] = [*inputs[name], 0]
    cycles = len(words.valid) + max(0, dut.plan.latency) + 12
    got = play(dut, inputs, WATCH, cycles=cycles)
    assert got["o_valid"][AHEAD:] == got["o_soon"][:-AHEAD]
    assert got["o_first"][AHEAD:] == got["o_soon_first"][:-AHEAD]
    windows: list[list[int]] = []
    done = 0
    for cycle in np.flatnonzero(got["o_valid"]).tolist():
        if got["o_first"][cycle]:
            windows.append([])
        windows[-1] += got["o_values"][cycle]
        if got["o_last"][cycle]:
            assert len(windows[-1]) == len(dut.plan.order)
            done += 1
    assert not any(
        first and not valid for first, valid in zip(got["o_first"], got["o_valid"], strict=True)
    )
    assert done == len(words.lasts)
    return [window for window in windows if len(window) == len(dut.plan.order)], got


def in_place(dut: UnrolledConv, window: list[int]) -> list[int]:
    """Return a window's values as the golden model has them."""
    flat = [0] * sum(place is not None for place in dut.plan.order)
    for place, value in zip(dut.plan.order, window, strict=True):
        if place is not None:
            flat[place] = value
    return flat


def check(play, dut: UnrolledConv, windows: Integers, words: Words):
    got, trace = run(play, dut, words)
    wanted = expected(dut.plan.op, dut.plan.pool, windows).tolist()
    assert [in_place(dut, window) for window in got] == wanted
    return trace


def drawn(seed: int) -> tuple[UnrolledConvPlan, np.random.Generator]:
    """Return a random legal plan and the generator."""
    rng = np.random.default_rng(seed)
    signed = bool(rng.integers(4) == 0)
    while True:
        stride = int(rng.integers(1, 5))
        steps = int(rng.integers(1, 5))
        pool = int(rng.integers(1, 5))
        kernel = int(rng.integers(1, 10))
        padding = int(rng.integers(0, 7))
        length = int(rng.integers(1, 40))
        right = None if rng.integers(2) else int(rng.integers(0, 7))
        dilation = int(rng.integers(2, 5)) if rng.integers(3) == 0 else 1
        padded = length + padding + (padding if right is None else right)
        positions = (padded - dilation * (kernel - 1) - 1) // stride + 1
        if (steps % pool == 0 or pool % steps == 0) and positions >= pool:
            break
    op = conv(
        rng,
        length=length,
        filters=int(rng.integers(1, 6)),
        kernel=kernel,
        stride=stride,
        padding=padding,
        padding_right=right,
        dilation=dilation,
        bits=int(rng.integers(2, 9)),
        shift=int(rng.integers(0, 8)),
        source=Format(bool(rng.integers(4) == 0), int(rng.integers(1, 7)), 0),
        out=Format(signed, int(rng.integers(2, 9)), 0),
    )
    lanes = stride * steps
    offset, pace = int(rng.integers(0, lanes)), int(rng.choice([1, 1, 2, 5]))
    return UnrolledConvPlan(op, pool, lanes, offset=offset, pace=pace), rng


def component(plan: UnrolledConvPlan) -> UnrolledConv:
    return UnrolledConv(plan)


def features(op: QuantizedConv1d, rng: np.random.Generator, count: int) -> Integers:
    """Return random windows, some at the ends of the format."""
    windows = rng.integers(op.source.min, op.source.max + 1, (count, op.length))
    windows[0] = op.source.max
    windows[-1] = np.where(rng.integers(0, 2, op.length), op.source.max, op.source.min)
    return windows


@pytest.mark.parametrize("seed", range(45))
def test_any_shape_is_the_golden_model(play, seed):
    plan, rng = drawn(seed)
    dut = component(plan)
    windows = features(plan.op, rng, 4)
    pauses = int(rng.integers(0, 4))
    words = words_of(dut, windows, rng, most_pause=pauses, most_gap=int(rng.integers(0, 9)))
    trace = check(play, dut, windows, words)
    valid = np.flatnonzero(trace["o_valid"])
    ends = np.flatnonzero(trace["o_last"])
    within = np.diff(valid)[~np.isin(valid[:-1], ends)]
    assert not len(within) or within.min() >= dut.plan.interval
    if not pauses:
        assert (ends == np.array(words.lasts) + dut.plan.latency).all()
        # Those that zeros complete may be further apart.
        slowest = plan.interval * (plan.pace if plan.flush else 1)
        assert not len(within) or plan.interval <= within.max() <= slowest


def test_random_shapes_reach_every_kind():
    plans = [drawn(seed)[0] for seed in range(45)]
    assert {plan.interval > 1 for plan in plans} == {True, False}
    assert {plan.pooled > 1 for plan in plans} == {True, False}
    assert {plan.pool > 1 and plan.steps > plan.pool for plan in plans} == {True, False}
    assert {plan.flush == 0 for plan in plans} == {True, False}
    assert {plan.last_word < plan.words - 1 for plan in plans} == {True, False}
    assert {None in plan.order for plan in plans} == {True, False}
    assert {plan.op.positions % plan.pool == 0 for plan in plans} == {True, False}
    assert {len(set(plan.ends)) > 1 for plan in plans} == {True, False}
    assert {min(plan.starts) < 0 for plan in plans} == {True, False}
    assert {plan.flush > 1 < plan.pace for plan in plans} == {True, False}
    assert {plan.op.dilation > 1 < plan.op.weight.shape[2] for plan in plans} == {True, False}
    assert {np.sign(np.diff(plan.op.sides))[0] for plan in plans} == {-1, 0, 1}
    assert {plan.op.source.signed for plan in plans} == {True, False}
    assert {plan.op.out.signed for plan in plans} == {True, False}


@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_first_word_begins_anew_whatever_came_before(play, at):
    rng = np.random.default_rng(at)
    op = conv(rng, length=26, filters=2, kernel=9, stride=2, padding=3)
    dut = UnrolledConv(UnrolledConvPlan(op, 2, 4))
    windows = features(op, rng, 2)
    cut = words_of(dut, windows[:1], rng)
    whole = words_of(dut, windows[1:], rng)
    words = Words(*(getattr(cut, n)[:at] + getattr(whole, n) for n in ("valid", "first", "last")))
    words.values = cut.values[:at] + whole.values
    words.lasts = [0]
    got, _ = run(play, dut, words)
    assert in_place(dut, got[-1]) == expected(op, 2, windows[1:])[0].tolist()


def test_reset_takes_a_window_on_its_way(play):
    rng = np.random.default_rng(3)
    op = conv(rng, length=16, filters=2, kernel=4, stride=2, padding=2)
    dut = UnrolledConv(UnrolledConvPlan(op, 2, 4))
    words = words_of(dut, features(op, rng, 1), rng)
    inputs = {name: getattr(words, name) for name in ("valid", "first", "last", "values")}
    got = play(dut, inputs, ["o_valid"], cycles=40, reset=range(2, 4))
    assert not any(got["o_valid"])


@pytest.mark.parametrize(("lanes", "offset", "bits"), [(8, 0, 8), (8, 4, 5), (16, 0, 5)])
def test_the_published_shape(play, lanes, offset, bits):
    rng = np.random.default_rng(lanes)
    op = conv(
        rng,
        length=1024,
        filters=4,
        kernel=64,
        stride=8,
        padding=28,
        bits=bits,
        shift=bits + 1,
        source=Format(False, 8, 0),
        out=Format(False, 8, 0),
    )
    dut = UnrolledConv(UnrolledConvPlan(op, 2, lanes, offset))
    windows = features(op, rng, 2)
    words = words_of(dut, windows, rng)
    trace = check(play, dut, windows, words)
    ends = np.flatnonzero(trace["o_last"]).tolist()
    assert ends == [last + dut.plan.latency for last in words.lasts]


def test_no_signal_has_zero_bits():
    """Verilator refuses them."""
    rng = np.random.default_rng(8)
    dut = UnrolledConv(UnrolledConvPlan(conv(rng, length=8, filters=1, kernel=2, stride=2), 1, 2))
    assert (dut.plan.flush, dut.plan.lead) == (0, 0)
    assert "width 0" not in rtlil.convert(dut, emit_src=False)
