"""The learn phase on chip against its golden model."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.sim import Simulator

from hwgen.gateware.learning import ORDER, SPACING, STATUS, Learning
from hwgen.golden.learning import bins, learnt
from hwgen.protocol import Learn, Origin, learn_payload

SEED = 8


class Bench:
    """A learning unit that a test talks to; `sets` are the thresholds that the core was given."""

    def __init__(self, ctx, dut, reset):
        self.ctx, self.dut, self.reset = ctx, dut, reset
        self.bins = bins(dut.score.shape().width)

    async def pulse(self, port):
        self.ctx.set(port, 1)
        await self.ctx.tick()
        self.ctx.set(port, 0)

    async def begin(self, learn):
        order = {"windows": learn.windows, "allowed": learn.allowed, "margin": learn.margin}
        self.ctx.set(self.dut.order, order)
        await self.pulse(self.dut.learn)
        await self.ctx.tick().repeat(self.bins + 2)

    async def see(self, scores, spacing=SPACING):
        for score in scores:
            self.ctx.set(self.dut.score, int(score))
            await self.pulse(self.dut.seen)
            self.ctx.set(self.dut.score, 0)
            await self.ctx.tick().repeat(spacing - 1)

    async def end(self):
        await self.ctx.tick().repeat(5 * self.bins + 100)
        return self.status()

    async def host(self, value):
        self.ctx.set(self.dut.value, value)
        await self.pulse(self.dut.set)
        await self.ctx.tick()

    def status(self):
        status = self.ctx.get(self.dut.status)
        return (status.value, Origin(status.origin), status.learning, status.collected,
                status.wanted)  # fmt: skip


def run(bits, script, threshold=0):
    """Run a script on a unit; return the thresholds that it gives to the core."""
    dut = Learning(bits, threshold)
    m = Module()
    reset, sets = Signal(), []
    m.submodules.dut = ResetInserter(reset)(dut)

    async def core(ctx):
        async for _, _, there, value in ctx.tick().sample(dut.threshold.set, dut.threshold.value):
            if there:
                sets.append(value)

    async def process(ctx):
        await script(Bench(ctx, dut, reset))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.add_testbench(core, background=True)
    simulator.run()
    return sets


def drawn(rng, bits, count):
    """Return scores of every size."""
    return rng.integers(0, 1 << 62, count) >> rng.integers(62 - bits, 63, count)


CASES = [
    *((bits, Learn(windows, allowed, margin))
      for bits in (1, 4, 5, 6, 13, 31)
      for windows, allowed, margin in ((1, 0, 256), (40, 3, 256), (25, 0, 300), (9, 9, 4000))),
    (20, Learn(7, 7)), (20, Learn(7, 100)), (20, Learn(7, 6)), (20, Learn(30, 2, 0)),
    (20, Learn(30, 2, 65535)), (20, Learn(30, 1, 255)),
]  # fmt: skip


@pytest.mark.parametrize(("bits", "learn"), CASES)
def test_learns_what_the_golden_model_learns(bits, learn):
    rng = np.random.default_rng([SEED, bits, learn.windows, learn.margin])
    scores = drawn(rng, bits, learn.windows + 3)  # those behind the last do not count

    async def script(bench):
        for _ in range(2):  # the second time on bins that are full
            await bench.begin(learn)
            assert bench.status()[2:] == (1, 0, learn.windows)
            await bench.see(scores)
            found = await bench.end()
            assert found == (wanted, Origin.LEARNT, 0, learn.windows, learn.windows)

    wanted = learnt(scores, learn, bits)
    assert run(bits, script) == [wanted, wanted]


@pytest.mark.parametrize("score", [0, 1, 15, 16, 31, 32, 33, 1000, (1 << 30) + 5, (1 << 31) - 1])
def test_a_constant(score):
    async def script(bench):
        await bench.begin(Learn(3))
        await bench.see([score] * 3)
        await bench.end()

    (value,) = run(31, script)
    assert value == learnt(np.full(3, score), Learn(3), 31)
    assert score <= value <= score * 17 / 16


def test_the_host_sets_a_threshold_and_ends_a_phase():
    async def script(bench):
        assert bench.status() == (77, Origin.MODEL, 0, 0, 0)
        await bench.begin(Learn(2))
        await bench.see([5])
        assert bench.status() == (77, Origin.MODEL, 1, 0, 2)
        await bench.ctx.tick().repeat(12)
        assert bench.status()[3] == 1
        await bench.host(99)
        assert bench.status() == (99, Origin.HOST, 0, 0, 0)
        await bench.see([6, 7])
        assert await bench.end() == (99, Origin.HOST, 0, 0, 0)

    assert run(10, script, 77) == [99]


@pytest.mark.parametrize("how", ["given up", "restart", "reset"])
def test_a_phase_is_forgotten_and_the_threshold_is_not(how):
    async def script(bench):
        await bench.host(50)
        await bench.begin(Learn(3))
        await bench.see([900, 900])
        if how == "given up":
            bench.ctx.set(bench.dut.order, {"windows": 0, "allowed": 7, "margin": 9})
            await bench.pulse(bench.dut.learn)
        else:
            await bench.pulse(bench.dut.restart if how == "restart" else bench.reset)
        await bench.ctx.tick()
        assert bench.status() == (50, Origin.HOST, 0, 0, 0)
        await bench.begin(Learn(2, 1))
        await bench.see([20, 30])
        assert await bench.end() == (20, Origin.LEARNT, 0, 2, 2)

    assert run(10, script) == [50, 20]


@pytest.mark.parametrize("when", [3, 50, 400, 1000, 1010, 1020])
def test_a_new_phase_takes_the_place_of_one_that_ends(when):
    async def script(bench):
        await bench.begin(Learn(1))
        await bench.see([400])
        await bench.ctx.tick().repeat(when)
        await bench.begin(Learn(1))
        await bench.see([21])
        assert (await bench.end())[0] == 21

    assert run(10, script)[-1] == 21


def test_layouts_are_those_of_the_frames():
    learn = Learn(0x01020304, 0x05060708, 0x090A)
    order = ORDER.from_bits(int.from_bytes(learn_payload(learn), "little"))
    assert (order.windows, order.allowed, order.margin) == (0x01020304, 0x05060708, 0x090A)
    assert (ORDER.size, STATUS.size) == (8 * len(learn_payload(learn)), 8 * 16)


@pytest.mark.parametrize(("bits", "threshold"), [(0, 0), (32, 0), (8, 256), (8, -1)])
def test_parameters_are_checked(bits, threshold, refusing):
    with pytest.raises(ValueError, match="must"):
        Learning(bits, threshold)
