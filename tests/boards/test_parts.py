"""Every part's receiver against a model of the part."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hwgen.boards.i2s import I2sReceiver
from hwgen.boards.sampling import Sampling, sample_period
from hwgen.boards.serial_adc import SerialAdc
from hwgen.boards.sources import find_part, names
from hwgen.boards.sources.iis3dwb import Iis3dwb
from hwgen.errors import CannotMeetError, UsageError
from tests.boards.parts import Converter, Iis3dwbModel, Microphone, run_part


def sequence(bits, count=64, seed=1):
    """Return signed values, the ends of the range first."""
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    drawn = np.random.default_rng(seed).integers(low, high + 1, count)
    return [low, high, 0, -1, 1, *drawn.tolist()]


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


MHZ = 5.0
BOOT, SILENCE = 400, 1500
"""Clock cycles; the real part has milliseconds."""


def iis3dwb(part, cycles):
    dut = Iis3dwb(3, 16.0, BOOT, SILENCE)
    absent = []
    original = part.step

    def step(ctx, dut):
        original(ctx, dut)
        if not absent or absent[-1][1] != ctx.get(dut.absent):
            absent.append((part.cycle, ctx.get(dut.absent)))

    part.step = step
    return run_part(dut, part, cycles, MHZ), absent


def test_iis3dwb():
    values = sequence(16)
    part = Iis3dwbModel(values.__getitem__, MHZ, BOOT)
    samples, absent = iis3dwb(part, 6_000)
    got = [value for _, value, _ in samples]
    assert len(got) >= 15
    assert got == values[: len(got)]
    assert part.lost == 0
    assert [first for *_, first in samples] == [1] + [0] * (len(got) - 1)
    assert part.registers == {0x12: 0x44, 0x13: 0x0C, 0x15: 0x03, 0x0D: 0x01, 0x10: 0xA4}
    assert part.resets == 1
    assert [level for _, level in absent] == [0]


def test_iis3dwb_that_is_another_part_or_none():
    samples, absent = iis3dwb(Iis3dwbModel(lambda index: index, MHZ, BOOT, who=0x6C), 3_000)
    assert samples == []
    assert [level for _, level in absent] == [0, 1]
    part = Iis3dwbModel(lambda index: index, MHZ, BOOT, powered=lambda cycle: False)
    samples, absent = iis3dwb(part, 3_000)
    assert samples == []
    assert absent[-1][1] == 1


def test_iis3dwb_that_loses_power_is_set_up_anew():
    away = range(4_000, 6_000)
    part = Iis3dwbModel(lambda index: index, MHZ, BOOT, powered=lambda cycle: cycle not in away)
    samples, absent = iis3dwb(part, 10_000)
    assert [level for _, level in absent] == [0, 1, 0]
    firsts = [cycle for cycle, _, first in samples if first]
    assert len(firsts) == 2
    assert firsts[1] > away[-1]
    assert samples[-1][0] > firsts[1]


def test_full_scale_is_set():
    for scale, code in ((2.0, 0), (4.0, 2), (8.0, 3), (16.0, 1)):
        part = Iis3dwbModel(lambda index: index, MHZ, BOOT)
        run_part(Iis3dwb(3, scale, BOOT, SILENCE), part, 2 * BOOT + 800, MHZ)
        assert part.registers[0x10] == 0xA0 | code << 2


@pytest.mark.parametrize("name", names())
def test_every_part_is_complete(name, refusing):
    part = find_part(name.upper())
    assert part.title
    assert part.sheet
    low, high = part.rates[0]
    scale = part.full_scales[0] if part.full_scales else 1.0
    for rate in {low, high}:
        sampling = Sampling(100.0, rate, scale)
        part.check(name, sampling)
        dut = part.receiver(sampling)
        assert {"o", "absent", *part.pins} == set(dut.signature.members)
        assert dut.o.p.value.shape().width == part.bits


def test_the_documentation_lists_every_part():
    text = (Path(__file__).parents[2] / "docs" / "sensors.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    told = {row[0].strip("`"): row[1:] for row in rows if len(row) == 6 and row[0].startswith("`")}
    assert set(told) == set(names())
    for name, (title, bus, rates, sample, sheet) in told.items():
        part = find_part(name)
        assert (title, bus.lower(), sheet) == (part.title, part.bus, part.sheet)
        assert sample.startswith(f"{part.bits} bits")
        ends = [f"{end / 1000:.5g}" for pair in part.rates for end in sorted(set(pair))]
        assert re.findall(r"\d+(?:\.\d+)?", rates) == ends


def test_unknown_part_names_the_nearest():
    with pytest.raises(UsageError, match="nearest: ics43434") as caught:
        find_part("ics43432")
    assert "uart, ads8320" in str(caught.value)


def test_rates_and_scales_that_a_part_does_not_do():
    part = find_part("ics43434")
    with pytest.raises(CannotMeetError, match="6250 to 18750 or 23000 to 50000 Hz, not 20000 Hz"):
        part.check("ics43434", Sampling(100.0, 20_000.0, 1.0))
    part = find_part("iis3dwb")
    with pytest.raises(CannotMeetError, match=r"must be 26666\.7 Hz, not 12000 Hz"):
        part.check("iis3dwb", Sampling(100.0, 12_000.0, 16.0))
    with pytest.raises(CannotMeetError, match="2, 4, 8, 16 g, not 10 g; give --full-scale"):
        part.check("iis3dwb", Sampling(100.0, 80_000 / 3, 10.0))


def test_rates_that_the_clock_does_not_make():
    assert sample_period(100.0, 12_000.0) == 8333
    with pytest.raises(CannotMeetError, match=r"not 90000 Hz; nearest: 90909.1 Hz"):
        sample_period(1.0, 90_000.0)
    with pytest.raises(CannotMeetError, match="must be positive"):
        sample_period(1.0, 0.0)
    with pytest.raises(CannotMeetError, match=r"at most 40322 Hz .* not 50000 Hz"):
        find_part("mcp3201").receiver(Sampling(5.0, 50_000.0, 1.0))
    with pytest.raises(CannotMeetError, match=r"the clock must be at least 18.432 MHz"):
        find_part("inmp441").receiver(Sampling(12.0, 48_000.0, 1.0))
    with pytest.raises(CannotMeetError, match=r"the clock must be at least 4.48 MHz"):
        find_part("iis3dwb").receiver(Sampling(4.0, 80_000 / 3, 2.0))


def test_parameters(refusing):
    with pytest.raises(ValueError, match="period / 128 must be at least 3, not 2"):
        I2sReceiver(383, 24)
    with pytest.raises(ValueError, match="bits must be at most 31, not 32"):
        I2sReceiver(1000, 32)
    with pytest.raises(ValueError, match="half must be at least 3, not 2"):
        SerialAdc(1000, 2, 3, 12, 10)
    with pytest.raises(ValueError, match="period must be at least 100, not 99"):
        SerialAdc(99, 3, 3, 12, 10)
    with pytest.raises(ValueError, match="full_scale must be one of"):
        Iis3dwb(3, 3.0, 1, 1)
