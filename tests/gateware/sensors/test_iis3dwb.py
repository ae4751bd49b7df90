"""The IIS3DWB's receiver against a model of the part."""

from __future__ import annotations

import pytest

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.sampling import Sampling
from hwgen.gateware.sensors.sources.iis3dwb import PART, Iis3dwb
from tests.gateware.parts import Iis3dwbModel, run_part, sequence

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


def test_how_long_it_waits():
    """After power-up and after the reset, and for a sample: to the cycle."""
    part = Iis3dwbModel(lambda index: index, MHZ, BOOT)
    starts, absent = [], []
    original = part.step

    def step(ctx, dut):
        cs = part.cs.level
        if part.cycle > 3_000:
            part.due = part.cycle + 1  # no sample any more
        original(ctx, dut)
        if cs and not part.cs.level:
            starts.append(part.cycle)
        if ctx.get(dut.absent) and not absent:
            absent.append(part.cycle)

    part.step = step
    run_part(Iis3dwb(3, 16.0, BOOT, SILENCE), part, 8_000, MHZ)
    # 35 half periods of three cycles are a transfer of 16 bits with its rest: 2 * 16 + 3.
    written = 1 + 3 * (1 + 2 * 16)
    assert starts[0] == BOOT + 2
    assert starts[1] - starts[0] == written + BOOT + 2
    assert starts[2] - starts[1] == written + 2 * 3
    assert len(absent) == 1
    lost = next(at for at, start in enumerate(starts) if start > absent[0])
    read = 1 + 3 * (1 + 2 * 24)
    assert absent[0] - starts[lost - 1] == read + SILENCE + 1
    assert starts[lost] - absent[0] == BOOT + 2


def test_a_part_that_keeps_nothing_is_absent():
    """Setting up ends with a check of CTRL1."""
    part = Iis3dwbModel(lambda index: index, MHZ, BOOT)
    original = part._write
    part._write = lambda address, value: address != 0x10 and original(address, value)
    samples, absent = iis3dwb(part, 3_000)
    assert samples == []
    assert absent[-1][1] == 1


@pytest.mark.parametrize(
    ("mhz", "half", "boot", "silence"),
    [(100.0, 10, 1_000_000, 2_500_000), (5.0, 3, 50_000, 125_000), (51.0, 6, 510_000, 1_275_000)],
)
def test_what_a_clock_makes(mhz, half, boot, silence, monkeypatch):
    monkeypatch.setattr("hwgen.gateware.sensors.sources.iis3dwb.Iis3dwb", lambda *given: given)
    assert PART.receiver(Sampling(mhz, 80_000 / 3, 4.0)) == (half, 4.0, boot, silence)
    PART.pace(Sampling(mhz, 80_000 / 3, 4.0))


def test_the_slowest_clock():
    assert PART.pace(Sampling(4.4801, 80_000 / 3, 2.0)) == 3
    with pytest.raises(CannotMeetError, match=r"the clock must be at least 4\.48 MHz for an "
                       r"IIS3DWB, not 4\.479 MHz; give another --clock-mhz"):  # fmt: skip
        PART.pace(Sampling(4.479, 80_000 / 3, 2.0))


def test_what_the_part_says_of_itself(refusing):
    assert (PART.bus, PART.bits, PART.rates) == ("spi", 16, ((80_000 / 3, 80_000 / 3),))
    assert PART.full_scales == (2.0, 4.0, 8.0, 16.0)
    assert PART.model == ("iis3dwb",)
    assert PART.settle == 0
    with pytest.raises(ValueError, match="full_scale must be one of"):
        Iis3dwb(3, 3.0, 1, 1)
    with pytest.raises(ValueError, match="half must be at least 3, not 2"):
        Iis3dwb(2, 2.0, 1, 1)
