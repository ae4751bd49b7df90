"""The microphones' receiver against a model of the part."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.i2s import HALVES, I2sReceiver, i2s_period
from hwgen.gateware.sensors.sampling import Sampling, sample_period
from tests.gateware.parts import Microphone, run_part, sequence


@pytest.mark.parametrize(
    ("clock_mhz", "rate"), [(25.0, 12_000.0), (24.576, 48_000.0), (31.0, 48_000.0)]
)
def test_microphone(clock_mhz, rate):
    values = sequence(24)
    period = sample_period(clock_mhz, rate)
    part = Microphone(values.__getitem__, clock_mhz)
    samples = run_part(I2sReceiver(period, 24), part, 8 * period, clock_mhz)
    # The first frame begins without an edge of WS, which the part waits for.
    start = next(index for index, (_, value, _) in enumerate(samples) if value == values[0])
    got = [value for _, value, _ in samples[start:]]
    assert start <= 1
    assert len(got) >= 6
    assert got == values[: len(got)]
    assert [first for *_, first in samples] == [1] + [0] * (len(samples) - 1)
    assert set(np.diff(part.frame_cycles)) == {period}, "frames must be equally long"
    assert set(np.diff([cycle for cycle, *_ in samples])) == {period}


def test_microphone_is_given_time_to_settle():
    part = Microphone(lambda frame: frame, 19.2)
    all_samples = run_part(I2sReceiver(400, 24), part, 6 * 400, 19.2)
    part = Microphone(lambda frame: frame, 19.2)
    samples = run_part(I2sReceiver(400, 24, settle=3), part, 6 * 400, 19.2)
    assert [value for _, value, _ in samples] == [value for _, value, _ in all_samples[3:]]
    assert [first for *_, first in samples] == [1] + [0] * (len(samples) - 1)


@pytest.mark.parametrize(("period", "bits"), [(384, 31), (700, 5), (1000, 24)])
def test_frames_to_the_cycle(period, bits):
    """Half periods of SCK are as near as can be; WS and the sample have their places in them."""
    dut = I2sReceiver(period, bits)
    edges, words, values = {"sck": [], "ws": []}, [], []
    frames = 5

    async def process(ctx):
        last = {"sck": 0, "ws": 0}
        shown = 0
        for cycle in range(frames * period):
            for name, before in last.items():
                level = ctx.get(getattr(dut, name))
                if level != before:
                    edges[name].append(cycle)
                last[name] = level
            # A line of ones and zeros that change every 7 cycles: what is read tells when.
            shown = (cycle // 7 * 0x9E3779B1 >> 7) & 1
            words.append(shown)
            ctx.set(dut.sd, shown)
            if ctx.get(dut.o.valid):
                values.append((cycle, ctx.get(dut.o.p.value), ctx.get(dut.o.p.first)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    halves = np.diff(edges["sck"])
    assert set(halves) <= {period // HALVES, -(-period // HALVES)}
    assert (np.diff(edges["sck"][::HALVES]) == period).all()
    falls = edges["sck"][1::2]
    # WS changes as SCK falls, every 32 periods.
    assert edges["ws"] == falls[31::32][: len(edges["ws"])]
    assert len(edges["ws"]) == 2 * frames - 1
    # A sample comes a cycle after its last bit: that of the fall after `bits` + 1 periods.
    assert [cycle for cycle, *_ in values] == [falls[64 * n + bits] for n in range(frames)]
    assert [first for *_, first in values] == [1] + [0] * (frames - 1)
    for number, (_, value, _) in enumerate(values):
        # What was on the line before the synchroniser's two cycles, and the one of the fall.
        bits_read = [words[falls[64 * number + at] - 3] for at in range(1, bits + 1)]
        word = int("".join(map(str, bits_read)), 2)
        assert value == word - (word >> (bits - 1) << bits)


def test_periods():
    assert i2s_period(Sampling(25.0, 12_000.0, 1.0), 3.2e6) == 2083
    # The shortest period of SCK, 2 * 6250 // 128 = 97 cycles, may be all that the part takes.
    assert i2s_period(Sampling(97.0, 97e6 / 6250, 1.0), 1e6) == 6250
    with pytest.raises(CannotMeetError, match=r"SCK must be at most 0\.99 MHz, .* 97 MHz its "
                       r"shortest period for 15520 Hz is that of 1 MHz; give a lower"):  # fmt: skip
        i2s_period(Sampling(97.0, 97e6 / 6250, 1.0), 0.99e6)


def test_the_slowest_clock():
    assert i2s_period(Sampling(18.432, 48_000.0, 1.0), 1e9) == 384
    text = r"at least 18\.432 MHz for I2S at 48000 Hz, not 18\.384 MHz; give another --clock-mhz or"
    with pytest.raises(CannotMeetError, match=text):
        i2s_period(Sampling(18.384, 48_000.0, 1.0), 1e9)


def test_parameters(refusing):
    with pytest.raises(ValueError, match="period / 128 must be at least 3, not 2"):
        I2sReceiver(383, 24)
    with pytest.raises(ValueError, match="bits must be at most 31, not 32"):
        I2sReceiver(1000, 32)
    with pytest.raises(ValueError, match="bits must be at least 1, not 0"):
        I2sReceiver(1000, 0)
    with pytest.raises(ValueError, match="settle must be at least 0, not -1"):
        I2sReceiver(1000, 24, -1)
    I2sReceiver(384, 31, 0)
