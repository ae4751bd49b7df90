"""Every sensor part is complete, and refuses what it does not do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwgen.errors import CannotMeetError, UsageError
from hwgen.gateware.sensors.part import BUSES
from hwgen.gateware.sensors.sampling import Sampling
from hwgen.gateware.sensors.sources import UART, find_part, names


def test_what_the_data_sheets_say():
    """Bits, settling, model, SCK's highest frequency in MHz, as half a period at 1 GHz."""
    told = {
        name: (find_part(name).bits, find_part(name).settle, find_part(name).model)
        for name in names()
    }
    assert told == {
        "ads8320": (16, 1, ("converter", 16, 6)),
        "ics43434": (24, 4096, ("i2s", 24)),
        "iis3dwb": (16, 0, ("iis3dwb",)),
        "inmp441": (24, 4096, ("i2s", 24)),
        "mcp3201": (12, 1, ("converter", 12, 3)),
    }
    assert UART not in names()


@pytest.mark.parametrize(("name", "half", "rest"), [("mcp3201", 625, 625), ("ads8320", 209, 625)])
def test_how_fast_the_converters_are(name, half, rest):
    sampling = Sampling(1000.0, 20_000.0, 1.0)
    assert find_part(name).pace(sampling) == (half, rest)
    dut = find_part(name).receiver(sampling)
    assert len(dut.o.p.value) == find_part(name).bits


@pytest.mark.parametrize(("name", "highest"), [("ics43434", 3.3024e6), ("inmp441", 3.2e6)])
def test_how_fast_the_microphones_are(name, highest, monkeypatch):
    """A clock whose shortest period of SCK is a little more, and a little less, than allowed."""
    part = find_part(name)
    rate = highest / 64
    fast = Sampling(rate * 1280 / 1e6, rate, 1.0)
    assert part.pace(fast) == 1280
    with pytest.raises(CannotMeetError, match="SCK must be at most"):
        part.pace(Sampling(fast.clock_mhz * 1.0001, rate * 1.0001, 1.0))
    made = []
    monkeypatch.setattr(
        f"hwgen.gateware.sensors.sources.{name}.I2sReceiver", lambda *given: made.append(given)
    )
    part.receiver(fast)
    assert made == [(1280, 24, 4096)]


@pytest.mark.parametrize("name", names())
def test_pins_are_of_the_bus(name):
    part = find_part(name)
    assert set(part.pins) <= set(BUSES[part.bus])


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
    text = (Path(__file__).parents[3] / "docs" / "sensors.md").read_text(encoding="utf-8")
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
    with pytest.raises(CannotMeetError, match=r"at most 40322 Hz .* not 50000 Hz"):
        find_part("mcp3201").receiver(Sampling(5.0, 50_000.0, 1.0))
    with pytest.raises(CannotMeetError, match=r"the clock must be at least 18.432 MHz"):
        find_part("inmp441").receiver(Sampling(12.0, 48_000.0, 1.0))
    with pytest.raises(CannotMeetError, match=r"the clock must be at least 4.48 MHz"):
        find_part("iis3dwb").receiver(Sampling(4.0, 80_000 / 3, 2.0))
