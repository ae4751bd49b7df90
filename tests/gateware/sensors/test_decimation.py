"""The decimation filter: its response, and the component bit by bit against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Module, Signal, signed
from amaranth.sim import Simulator

from hwgen.gateware.sensors.decimation import PASS, STOP, Decimation, Decimator, fitted


def through(plan, pieces, period):
    """Send streams, the first sample of each marked; return the streams that leave."""
    dut = Decimator(plan)
    out = []

    async def drive(ctx):
        async def cycle():
            if ctx.get(dut.o.valid):
                sample = ctx.get(dut.o.p)
                if sample["first"]:
                    out.append([])
                out[-1].append(sample["value"])
            await ctx.tick()

        for piece in pieces:
            for index, value in enumerate(piece):
                ctx.set(dut.i.p, {"value": int(value), "first": index == 0})
                ctx.set(dut.i.valid, 1)
                await cycle()
                ctx.set(dut.i.valid, 0)
                for _ in range(period - 1):
                    await cycle()
        for _ in range(plan.cycles):
            await cycle()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    return out


@pytest.mark.parametrize("ratio", [2, 3, 4, 16])
def test_response(ratio):
    plan = Decimation(ratio, 16, 12)
    taps = plan.coefficients
    assert taps.sum() == 1 << plan.frac_bits
    assert 1 << 15 < taps.max() < 1 << 17, "all 18 bits are used"
    assert (taps == taps[::-1]).all(), "linear phase"
    response = np.abs(np.fft.rfft(taps / taps.sum(), 1 << 16))
    frequency = np.linspace(0, 0.5, len(response)) * ratio  # of the lower rate
    assert (np.abs(20 * np.log10(response[frequency <= PASS])) < 0.01).all()
    assert response[frequency >= STOP].max() < 10 ** (-80 / 20)


@pytest.mark.parametrize(("ratio", "bits", "adc_bits"), [(2, 12, 12), (3, 24, 10), (2, 12, 16)])
def test_bit_by_bit(ratio, bits, adc_bits):
    plan = Decimation(ratio, bits, adc_bits)
    taps = len(plan.coefficients)
    rng = np.random.default_rng(ratio + bits)
    end = 1 << (bits - 1)
    square = np.where(np.arange(taps + 20) // 9 % 2, end - 1, -end)
    pieces = [square, rng.integers(-end, end, taps + 2)]
    period = -(-plan.cycles // ratio)
    found = through(plan, pieces, period)
    assert found == [plan.run(piece).tolist() for piece in pieces]
    limit = 1 << (adc_bits - 1)
    assert {limit - 1, -limit} <= set(found[0]), "the square wave must saturate"


def test_a_tone_keeps_its_size_and_an_alias_is_gone():
    plan = Decimation(4, 16, 16)
    time = np.arange(4000)
    low = plan.run(np.round(20_000 * np.sin(2 * np.pi * 0.1 / 4 * time)).astype(np.int64))
    high = plan.run(np.round(20_000 * np.sin(2 * np.pi * 0.9 / 4 * time)).astype(np.int64))
    assert np.sqrt(2) * low.std() == pytest.approx(20_000, rel=2e-3)
    assert np.abs(high).max() <= 4


def test_a_break_begins_anew():
    plan = Decimation(2, 12, 12)
    taps = len(plan.coefficients)
    rng = np.random.default_rng(9)
    broken = rng.integers(-2048, 2048, taps - 1)
    whole = rng.integers(-2048, 2048, taps + 4)
    period = -(-plan.cycles // 2)
    assert through(plan, [broken, whole], period) == [plan.run(whole).tolist()]


def test_parameters(refusing):
    with pytest.raises(ValueError, match="ratio must be at most 16, not 17"):
        Decimation(17, 12, 12)
    with pytest.raises(ValueError, match="ratio must be at least 2, not 1"):
        Decimation(1, 12, 12)
    with pytest.raises(TypeError, match="plan must be a Decimation"):
        Decimator(3)


@pytest.mark.parametrize("width", [2, 4, 9])
@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 2, 5])
def test_fitted_values(shift, width):
    """Divided, halves up, saturated, and with their sign wherever they are put."""
    value, out = Signal(signed(7)), Signal(signed(16))
    m = Module()
    m.d.comb += out.eq(fitted(value, shift, width))
    got = {}

    async def process(ctx):
        for number in range(-64, 64):
            ctx.set(value, number)
            await ctx.delay(1e-9)
            got[number] = ctx.get(out)

    simulator = Simulator(m)
    simulator.add_testbench(process)
    simulator.run()
    end = 1 << (width - 1)
    for number, found in got.items():
        exact = number * 2.0**-shift
        assert found == min(max(int(np.floor(exact + 0.5)), -end), end - 1)


def test_numbers_of_a_plan():
    plan = Decimation(3, 24, 10)
    assert (plan.data_bits, plan.frac_bits, plan.shift) == (18, 18, 26)
    assert Decimation(2, 12, 12).data_bits == 12
    assert Decimation(16, 12, 12).frac_bits == 20
    assert Decimation(2, 12, 12).frac_bits == 17
    assert plan.cycles == 2 + len(plan.coefficients) + 2 + 4 + 1
    for ratio in (2, 3, 7, 16):
        taps = Decimation(ratio, 12, 12).coefficients
        assert taps.sum() == 1 << Decimation(ratio, 12, 12).frac_bits
        assert (taps == taps[::-1]).all()
        assert len(taps) == LENGTHS[ratio]
        assert int(np.abs(taps).max()) < 1 << 17


LENGTHS = {2: 107, 3: 161, 7: 373, 16: 849}
"""84 dB by Kaiser's formula: the width of the transition decides."""


@pytest.mark.parametrize("given", [(2, 2, 2), (16, 32, 16), (2, 12, 28)])
def test_the_ends_of_a_plan_are_taken(given):
    assert Decimation(*given).shift >= 1


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((1, 12, 12), "ratio must be at least 2, not 1"),
        ((17, 12, 12), "ratio must be at most 16, not 17"),
        ((2, 1, 12), "bits must be at least 2, not 1"),
        ((2, 12, 1), "adc_bits must be at least 2, not 1"),
        ((2, 12, 29), "adc_bits must be at most 28, not 29"),
    ],
)
def test_what_no_plan_is(given, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        Decimation(*given)
