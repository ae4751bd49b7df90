"""The converters' receiver against a model of the part."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.sampling import Sampling
from hwgen.gateware.sensors.serial_adc import SETTLE, Pace, SerialAdc
from hwgen.gateware.sensors.sources import find_part
from tests.gateware.parts import Converter, run_part, sequence


@pytest.mark.parametrize(
    ("name", "bits", "lead", "highest", "rest", "delay", "setup"),
    [("mcp3201", 12, 3, 0.8e6, 625, 200, 100), ("ads8320", 16, 6, 2.4e6, 400, 50, 20)],
)
@pytest.mark.parametrize(("clock_mhz", "rate"), [(25.0, 12_000.0), (50.0, 48_000.0)])
def test_converter(name, bits, lead, highest, rest, delay, setup, clock_mhz, rate):
    values = sequence(bits)
    sampling = Sampling(clock_mhz, rate, 1.0)
    part = Converter(
        lambda index: values[index] + (1 << (bits - 1)),
        clock_mhz, bits, lead, highest, rest, delay, setup,
    )  # fmt: skip
    dut = find_part(name).receiver(sampling)
    samples = run_part(dut, part, 8 * sampling.period, clock_mhz)
    got = [value for _, value, _ in samples]
    assert len(got) >= 5
    assert got == values[1 : 1 + len(got)], "the conversion that wakes the part is dropped"
    assert [first for *_, first in samples] == [1] + [0] * (len(got) - 1)
    assert set(np.diff(part.conversions)) == {sampling.period}, "conversions must not jitter"


@pytest.mark.parametrize(
    ("period", "half", "lead", "bits", "rest"),
    [(100, 3, 3, 12, 10), (91, 4, 1, 8, 19), (400, 5, 6, 16, 3)],
)
def test_conversions_to_the_cycle(period, half, lead, bits, rest):
    dut = SerialAdc(period, half, lead, bits, rest)
    rng = np.random.default_rng(bits)
    line = np.repeat(rng.integers(0, 2, period * 3), 2).tolist()
    selected, clocked, found = [], [], []

    async def process(ctx):
        cs, sck = 1, 0
        for cycle in range(6 * period):
            ctx.set(dut.cipo, line[cycle])
            if ctx.get(dut.cs) != cs:
                selected.append(cycle)
            if ctx.get(dut.sck) != sck:
                clocked.append(cycle)
            cs, sck = ctx.get(dut.cs), ctx.get(dut.sck)
            if ctx.get(dut.o.valid):
                found.append((cycle, ctx.get(dut.o.p.value), ctx.get(dut.o.p.first)))
            assert not ctx.get(dut.absent)
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    busy = 2 * half * (lead + bits)
    starts = [period * number for number in range(1, 6)]
    assert selected[0::2] == starts
    assert selected[1::2] == [start + busy for start in starts if start + busy < 6 * period]
    assert clocked == [
        start + half * at for start in starts for at in range(1, 2 * (lead + bits) + 1)
        if start + half * at < 6 * period
    ]  # fmt: skip
    ends = selected[1::2][SETTLE:]
    assert [cycle for cycle, *_ in found] == ends
    assert [first for *_, first in found] == [1] + [0] * (len(ends) - 1)
    for end, (_, value, _) in zip(ends, found, strict=True):
        # Each bit is what was on the line two cycles of the synchroniser before SCK fell.
        read = [line[end - 2 * half * at - 3] for at in reversed(range(bits))]
        assert value == int("".join(map(str, read)), 2) - (1 << (bits - 1))


def test_pace():
    pace = Pace(1e6, 3, 12, 625e-9)
    assert pace.check(Sampling(100.0, 50_000.0, 1.0)) == (50, 63)
    assert pace.check(Sampling(4.0, 40_000.0, 1.0)) == (3, 3)  # the synchroniser's least
    dut = pace.receiver(Sampling(4.0, 40_000.0, 1.0))
    assert isinstance(dut, SerialAdc)
    assert len(dut.o.p.value) == 12


def test_the_highest_rate():
    pace = Pace(1e6, 3, 12, 1e-6)
    # 2 * 50 * 15 + 100 cycles.
    assert pace.check(Sampling(100.0, 1e8 / 1600, 1.0)) == (50, 100)
    with pytest.raises(CannotMeetError, match=r"sensor rate must be at most 62500 Hz for this "
                       r"converter at a clock of 100 MHz, not 62539\.1 Hz; give"):  # fmt: skip
        pace.check(Sampling(100.0, 1e8 / 1599, 1.0))


def test_parameters(refusing):
    with pytest.raises(ValueError, match="half must be at least 3, not 2"):
        SerialAdc(1000, 2, 3, 12, 10)
    with pytest.raises(ValueError, match="period must be at least 100, not 99"):
        SerialAdc(99, 3, 3, 12, 10)
    with pytest.raises(ValueError, match="lead must be at least 1, not 0"):
        SerialAdc(1000, 3, 0, 12, 10)
    with pytest.raises(ValueError, match="rest must be at least 1, not 0"):
        SerialAdc(1000, 3, 3, 12, 0)
