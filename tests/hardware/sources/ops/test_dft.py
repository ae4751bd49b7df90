"""The front-end by accumulation against the golden model."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from amaranth.back import rtlil

from hwgen import share, tools
from hwgen.golden import run_op
from hwgen.golden.ops import dft as golden
from hwgen.hardware.sources.ops.dft import DftFrontEnd
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.layout import Layout
from hwgen.plans.sources.dft import DftPlan
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.ops import dft
from tests.rules import front_end


def quantized(window: int, shift: int | None = None, ends=(None, None), **bits) -> dft.QuantizedDft:
    """Return an op; without a shift, with one of which few features saturate."""
    layer, chosen = Spectrum("spectrum", window, *ends), Precision(**bits, transform="dft")
    if shift is None:
        shift = front_end(dft, layer, chosen, 1.0, 0).bin_width - chosen.feature - 3
    return front_end(dft, layer, chosen, 1.0, shift)


@dataclass(frozen=True)
class Step:
    """A sample, or with `cycles` that many cycles without one; `abandon` and `reset` meanwhile."""

    value: int = 0
    first: bool = False
    cycles: int = 0
    abandon: bool = False
    reset: bool = False


@dataclass
class Record:
    """Cycles of samples taken, and of windows: their completion, their words, their end."""

    taken: list[int] = field(default_factory=list)
    complete: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    features: list[list[int]] = field(default_factory=list)


def of_stream(values, *, start: bool = True) -> list[Step]:
    return [Step(int(value), first=start and i == 0) for i, value in enumerate(values)]


def with_gaps(steps: list[Step], rng: np.random.Generator, most: int) -> list[Step]:
    """Put up to `most` cycles without a sample before each."""
    found = []
    for step in steps:
        if wait := int(rng.integers(0, most + 1)):
            found.append(Step(cycles=wait))
        found.append(step)
    return found


class Memory:
    """Collects the words of a window; they must come in order and in consecutive cycles."""

    def __init__(self, dut: DftFrontEnd, layout: Layout, record: Record):
        self._dut, self._layout, self._record = dut, layout, record
        self._words: list[int] | None = None

    def __call__(self, ctx, cycle: int, *, reset: bool) -> None:
        dut, layout = self._dut, self._layout
        flags = [ctx.get(port) for port in (dut.write.enable, dut.first, dut.done)]
        if not flags[0]:
            assert flags == [0, 0, 0]
            assert self._words is None, "words come in consecutive cycles"
        else:
            assert bool(flags[1]) == (self._words is None)
            self._words = self._words or []
            assert ctx.get(dut.write.address) == layout.first_word + len(self._words)
            if flags[1]:
                self._record.first.append(cycle)
            self._words.append(ctx.get(dut.write.data))
        if flags[2]:
            assert ctx.get(dut.write.address) == layout.last_word
            self._record.done.append(cycle)
            self._record.features.append(self._row())
            self._words = None
        if reset:
            self._words = None

    def _row(self) -> list[int]:
        layout = self._layout
        width = len(self._dut.write.data) // layout.lanes
        mask = (1 << width) - 1
        row = [word >> lane * width & mask for word in self._words for lane in range(layout.lanes)]
        before = layout.padding - layout.first_word * layout.lanes
        values, rest = row[before : before + layout.length], row[before + layout.length :]
        assert not any(row[:before] + rest), "padding is zero"
        return values


def run(bench, dut: DftFrontEnd, layout: Layout, steps, *, go=lambda cycle: (True, True)):
    """Run a program; `go` says in which cycles there are ``permit`` and ``room``."""
    record = Record()

    async def process(ctx, rst):
        memory = Memory(dut, layout, record)
        pending = list(steps)
        left = 0
        cycle = quiet = 0
        while quiet <= dut.plan.timing.latency + dut.plan.timing.pause:
            step = pending[0] if pending else Step(cycles=1)
            ctx.set(rst, step.reset)
            ctx.set(dut.abandon, step.abandon)
            ctx.set(dut.samples.valid, not step.cycles)
            ctx.set(dut.samples.p, {"value": step.value, "first": step.first})
            for port, value in zip((dut.permit, dut.room), go(cycle), strict=True):
                ctx.set(port, value)
            if ctx.get(dut.complete):
                assert all(go(cycle))
                record.complete.append(cycle)
            assert ctx.get(dut.begin) == ctx.get(dut.complete)
            memory(ctx, cycle, reset=step.reset)
            if not step.cycles and ctx.get(dut.samples.ready):
                record.taken.append(cycle)
                pending.pop(0)
            elif step.cycles and pending:
                left = (left or step.cycles) - 1
                if not left:
                    pending.pop(0)
            quiet = 0 if pending else quiet + 1
            cycle += 1
            await ctx.tick()

    bench(dut, process)
    return record


def expected(op: dft.QuantizedDft, hop: int, steps: list[Step]) -> list[list[int]]:
    """Return the golden model's features of every window that a program completes."""
    stream: list[int] | None = None
    windows, first = [], []
    for step in steps:
        if step.reset or step.abandon:
            stream = None
        elif not step.cycles:
            if step.first:
                stream = []
            if stream is None:
                continue
            stream.append(step.value)
            start = len(stream) - op.window
            if start >= 0 and start % hop == 0:
                windows.append(stream[start:])
                first.append(start)
                stream = None if hop == op.window else stream
    placed = golden.placed(op, np.array(windows), np.array(first))
    return run_op(op, placed)[:, 0].tolist()


def samples(op: dft.QuantizedDft, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return noise of changing size around a tone, with both ends of the format in it."""
    low, high = op.sample.min, op.sample.max
    n = np.arange(count)
    tone = np.sin(n * 2.1) * high * rng.uniform(0, 0.6)
    noise = rng.uniform(low, high, count) * 2.0 ** -rng.integers(0, 8, count)
    drawn = np.clip(tone + noise, low, high).astype(np.int64)
    drawn[rng.integers(0, count, 4)] = [low, high, low, high]
    return drawn


SHAPES = [
    # window, lanes, padding, most cycles between samples, bits
    (32, 1, 0, 0, {"adc": 12, "twiddle": 12}),
    (64, 2, 28, 0, {"adc": 16, "twiddle": 12, "feature": 6}),
    (32, 4, 1, 30, {"adc": 16, "twiddle": 18, "magnitude": "max-1/4"}),
    (64, 8, 28, 9, {"adc": 8, "twiddle": 8, "data": 12, "magnitude": "max-3/8"}),
    (32, 3, 5, 0, {"adc": 14, "twiddle": 10, "magnitude": "max-1/2"}),
    (16, 8, 3, 20, {"adc": 16, "twiddle": 12}),
]


@pytest.mark.parametrize(("window", "lanes", "padding", "gaps", "bits"), SHAPES)
def test_windows_one_behind_the_other(*, bench, window, lanes, padding, gaps, bits):
    rng = np.random.default_rng(window + lanes)
    op = quantized(window, **bits)
    layout = Layout(lanes, padding, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, op.out.width + 1, hop=window))
    steps = [step for _ in range(3) for step in of_stream(samples(op, window, rng))]
    steps = with_gaps(steps, rng, gaps) if gaps else steps
    record = run(bench, dut, layout, steps)
    assert record.features == expected(op, window, steps)
    assert len(record.features) == 3
    assert record.complete == record.taken[window - 1 :: window]
    assert [cycle + dut.plan.timing.latency for cycle in record.complete] == record.done
    assert [cycle + dut.plan.first_latency for cycle in record.complete] == record.first
    if not gaps:
        assert set(np.diff(record.taken).tolist()) == {dut.plan.timing.pause}
        assert set(np.diff(record.done).tolist()) == {dut.plan.timing.interval}
    assert dut.plan.timing.pause == max(5, layout.last_word - layout.first_word + 1)


ENDS = [(16, 0), (15, 1), (15, 0), (0, 16), (1, 15), (0, 15), (1, 16)]


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize(
    ("lanes", "padding", "hop"), [(1, 0, 32), (2, 1, 32), (4, 3, 5), (3, 5, 32), (16, 0, 7)]
)
def test_other_bins(*, bench, ends, lanes, padding, hop):
    op = quantized(32, ends=ends, adc=12, twiddle=12)
    layout = Layout(lanes, padding, len(op.bins))
    dut = DftFrontEnd(DftPlan(op, layout, op.out.width, hop=hop))
    steps = of_stream(samples(op, 32 + 2 * hop, np.random.default_rng(lanes)))
    record = run(bench, dut, layout, steps[: 32 + 2 * hop * (hop < 32)])
    assert record.features == expected(op, hop, steps[: 32 + 2 * hop * (hop < 32)])
    assert record.complete


SLIDING = [
    # window, lanes, padding, hop, bits
    (32, 2, 0, 1, {"adc": 16, "twiddle": 12}),
    (32, 4, 3, 5, {"adc": 12, "twiddle": 12, "feature": 5}),
    (32, 1, 0, 31, {"adc": 16, "twiddle": 18, "magnitude": "max-1/2"}),
    (16, 3, 4, 8, {"adc": 8, "twiddle": 10}),
]


@pytest.mark.parametrize(("window", "lanes", "padding", "hop", "bits"), SLIDING)
def test_windows_that_overlap(*, bench, window, lanes, padding, hop, bits):
    rng = np.random.default_rng(window + lanes + hop)
    op = quantized(window, **bits)
    layout = Layout(lanes, padding, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, op.out.width, hop=hop))
    # More than two windows: what leaves is what came one window before.
    steps = of_stream(samples(op, 2 * window + 3 * hop + 2, rng))
    record = run(bench, dut, layout, steps)
    assert record.features == expected(op, hop, steps)
    assert record.complete == record.taken[window - 1 :: hop]
    assert [cycle + dut.plan.timing.latency for cycle in record.complete] == record.done
    assert set(np.diff(record.done).tolist()) == {dut.plan.timing.interval}


def random_program(op, hop: int, rng: np.random.Generator, count: int) -> list[Step]:
    """Return samples with gaps, streams begun anew, abandons and resets, some mid-sample."""
    steps = [Step(int(value)) for value in samples(op, 3, rng)]  # dropped
    while sum(not step.cycles for step in steps) < count:
        length = int(rng.choice([3, op.window - 1, op.window, op.window + 1, op.window + 2 * hop]))
        stream = with_gaps(of_stream(samples(op, length + 4, rng)[:length]), rng, 9)
        if rng.integers(0, 3) == 0:
            where = int(rng.integers(1, len(stream)))
            what = {str(rng.choice(["abandon", "reset"])): True}
            stream.insert(where, Step(cycles=int(rng.integers(1, 4)), **what))
        steps += stream
    # A reset also takes what is on its way: wait for that first.
    return [part for step in steps for part in ([Step(cycles=100), step] if step.reset else [step])]


@pytest.mark.parametrize(
    ("window", "lanes", "padding", "hop"), [(16, 2, 3, 16), (16, 4, 0, 4), (16, 8, 1, 1)]
)
def test_streams_begun_and_given_up_at_any_time(*, bench, window, lanes, padding, hop):
    rng = np.random.default_rng(lanes)
    op = quantized(window, adc=12, twiddle=12)
    layout = Layout(lanes, padding, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, op.out.width, hop=hop))
    steps = random_program(op, hop, rng, 300)
    blocked = rng.integers(0, 60, (2, 20_000)) > 0  # in most cycles there is room
    blocked[:, 500:560] = [[False], [True]]
    record = run(bench, dut, layout, steps, go=lambda cycle: tuple(blocked[:, cycle].tolist()))
    assert record.features == expected(op, hop, steps)
    assert len(record.features) > 5
    assert [cycle + dut.plan.timing.latency for cycle in record.complete] == record.done


def test_a_sample_that_completes_nothing_needs_no_room(bench):
    op = quantized(16, adc=12, twiddle=12)
    layout = Layout(2, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, 8, hop=16))
    rng = np.random.default_rng(0)
    steps = of_stream(samples(op, 15, rng)) + of_stream(samples(op, 16, rng))
    # The second stream begins out of turn, the first one while twiddles are still on their way.
    between = np.full(29, dut.plan.timing.pause)
    between[14] += 4
    opens = 31 * dut.plan.timing.pause + 50
    for closed in ((True, False), (False, True), (False, False)):
        record = run(
            bench, dut, layout, steps, go=lambda now, c=closed: c if now < opens else (True, True)
        )
        assert record.complete == [opens]
        assert np.diff(record.taken[:-1]).tolist() == between.tolist()
        assert record.features == expected(op, 16, steps)


@pytest.mark.parametrize("at", [0, 7, 15])
def test_a_sample_that_is_abandoned_as_it_comes(bench, at):
    op = quantized(16, adc=12, twiddle=12)
    layout = Layout(4, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, 8, hop=8))
    steps = of_stream(samples(op, 40, np.random.default_rng(0)))
    # It is taken in its first cycle: abandoned only then, and not while it waits.
    steps[at : at + 1] = [Step(cycles=dut.plan.timing.pause), replace(steps[at], abandon=True)]
    steps += of_stream(samples(op, 16, np.random.default_rng(1)))
    record = run(bench, dut, layout, steps)
    assert len(record.features) == 1
    assert record.features == expected(op, 8, steps)


def test_a_longer_pause(bench):
    op = quantized(16, adc=12, twiddle=12)
    layout = Layout(4, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, 8, hop=8, pause=11))
    steps = of_stream(samples(op, 40, np.random.default_rng(0)))
    record = run(bench, dut, layout, steps)
    assert record.features == expected(op, 8, steps)
    assert set(np.diff(record.taken).tolist()) == {dut.plan.timing.pause} == {11}
    assert dut.plan.timing.interval == 88


@pytest.mark.parametrize(
    ("method", "shift", "feature"),
    [(m, *each) for m, each in zip(MAGNITUDES, [(-3, 8), (0, 12), (4, 8), (9, 4)], strict=True)],
)
def test_features_that_saturate(*, bench, method, shift, feature):
    op = quantized(16, shift, adc=16, twiddle=12, feature=feature, magnitude=method)
    layout = Layout(4, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, feature, hop=16))
    rng = np.random.default_rng(shift + 9)
    steps = []
    for size in (0, 3, 7, 12):  # from small to the format's ends
        steps += of_stream(samples(op, 16, rng) >> size)
    record = run(bench, dut, layout, steps)
    assert record.features == expected(op, 16, steps)


def test_the_largest_sums_there_can_be(bench):
    op = quantized(16, 11, adc=16, twiddle=18, feature=12)
    layout = Layout(4, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, 12, hop=16))
    low, high = op.sample.min, op.sample.max
    steps = []
    for k in range(1, op.points + 1):
        for shift in (0, 4):  # of either part of bin k
            wave = op.wave[(np.arange(16) * k + shift) % 16]
            steps += of_stream(np.where(wave > 0, high, low))
            steps += of_stream(np.where(wave > 0, low, high))
    record = run(bench, dut, layout, steps)
    assert record.features == expected(op, 16, steps)
    sums = golden.transform(op, np.array([step.value for step in steps]).reshape(-1, 16))
    assert (np.min(sums), np.max(sums)) == op.sum_range


MAIN = """
#include "Vdut.h"
#include <cstdio>
int main() {
    Vdut dut;
    int sample, cycle = 0, quiet = 0;
    bool more = scanf("%x", &sample) == 1;
    dut.permit = dut.room = 1;
    while (quiet < LIMIT) {
        dut.samples__valid = more;
        dut.samples__payload = sample;
        dut.clk = 0; dut.eval();
        bool taken = more && dut.samples__ready;
        if (dut.complete) printf("complete %d\\n", cycle);
        if (dut.write__enable) printf("word %llx\\n", (unsigned long long)dut.write__data);
        if (dut.done) printf("done %d\\n", cycle);
        dut.clk = 1; dut.eval();
        if (taken) more = scanf("%x", &sample) == 1;
        quiet = more ? 0 : quiet + 1;
        ++cycle;
    }
}
"""


def _main(limit: int) -> str:
    # Verilator keeps two underscores in a name for itself.
    return MAIN.replace("__", "___05F").replace("LIMIT", str(limit))


class Chip:
    family = "ecp5"


def simulated(dut: DftFrontEnd, platform, steps: list[Step], folder) -> list[list[str]]:
    """Return the words of the log of a simulation by Verilator."""
    text = rtlil.convert(dut, name="dut", platform=platform, emit_src=False)
    (folder / "dut.il").write_text(text)
    (folder / "dut.ys").write_text("read_rtlil dut.il; proc; memory_collect; write_verilog dut.v")
    tools.run([*tools.find("yosys"), "-q", "dut.ys"], folder, folder / "yosys.log", what="yosys")
    (folder / "main.cpp").write_text(_main(dut.plan.timing.latency + 2))
    tools.run(
        [*tools.find("verilator"), "--cc", "--exe", "--build", "-Wno-fatal", "--no-timing",
         "--top-module", "dut", "-CFLAGS", "-O1", "-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include",
         "-MAKEFLAGS", "OPT_SLOW=-O0", "-MAKEFLAGS", "OPT_GLOBAL=-O0",
         "dut.v", str(share.folder("sim") / "ecp5_cells.v"), "main.cpp"],
        folder, folder / "verilator.log", what="verilator",
    )  # fmt: skip
    width = dut.plan.adc_bits
    given = [(step.value & ((1 << width) - 1)) | step.first << width for step in steps]
    log = subprocess.run(
        [folder / "obj_dir/Vdut"],
        input="\n".join(f"{word:x}" for word in given),
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split() for line in log.stdout.splitlines()]


def test_the_whole_size_out_of_the_cells_of_the_chip(tmp_path):
    rng = np.random.default_rng(2048)
    op = quantized(2048, adc=16, twiddle=12)
    layout = Layout(4, 0, op.points)
    dut = DftFrontEnd(DftPlan(op, layout, 8, hop=300))
    steps = of_stream(samples(op, 100, rng)) + of_stream(samples(op, 2048 + 300, rng))
    log = simulated(dut, Chip(), steps, tmp_path)
    words = [int(value, 16) for kind, value in log if kind == "word"]
    features = [word >> 8 * lane & 255 for word in words for lane in range(4)]
    assert features == np.ravel(expected(op, 300, steps)).tolist()
    complete, done = ([int(at) for kind, at in log if kind == k] for k in ("complete", "done"))
    assert [cycle + dut.plan.timing.latency for cycle in complete] == done
    assert np.diff(done).tolist() == [dut.plan.timing.interval]
