"""What all parts have in common: their limits, and how samples are given."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from amaranth.hdl import Module, Signal, signed
from amaranth.sim import Simulator

from hwgen.errors import CannotMeetError
from hwgen.gateware.sensors.part import BUSES, Part, Receiver
from hwgen.gateware.sensors.sampling import Sampling

PACED = []
PART = Part(
    title="A part", sheet="none", bus="i2s", pins=("sck",), bits=8,
    rates=((1_000.0, 2_000.0), (5_000.0, 5_000.0)), receiver=lambda sampling: None,
    pace=PACED.append, model=("i2s", 8), full_scales=(2.0, 4.0),
)  # fmt: skip


@pytest.mark.parametrize(
    "rate", [1_000 / 1.001, 999.5, 1_000.0, 2_000.0, 2_001.5, 2_000 * 1.001, 4_996.0, 5_004.0]
)
def test_rates_that_it_does(rate):
    PACED.clear()
    sampling = Sampling(10.0, rate, 2.0)
    PART.check("apart", sampling)
    assert [sampling] == PACED, "the clock is asked too"


@pytest.mark.parametrize("rate", [998.0, 2_003.0, 4_990.0, 5_010.0, 3_000.0])
def test_rates_that_it_does_not(rate):
    with pytest.raises(CannotMeetError) as caught:
        PART.check("apart", Sampling(10.0, rate, 2.0))
    assert str(caught.value) == (
        f"sensor rate of apart must be 1000 to 2000 or 5000 Hz, not {rate:g} Hz; give --sensor-rate"
    )


def test_scales():
    PART.check("apart", Sampling(10.0, 1_500.0, 4.0))
    replace(PART, full_scales=()).check("apart", Sampling(10.0, 1_500.0, 3.0))
    with pytest.raises(CannotMeetError) as caught:
        PART.check("apart", Sampling(10.0, 1_500.0, 3.0))
    assert str(caught.value) == (
        "full scale for apart must be one of 2, 4 g, not 3 g; give --full-scale"
    )
    assert replace(PART, settle=3).settle == 3
    assert PART.settle == 0


class Given(Receiver):
    """Gives what a test says."""

    def __init__(self, settle):
        self.settle = settle
        self.when, self.value, self.anew = Signal(), Signal(signed(8)), Signal()
        super().__init__(8, "spi", ("cs", "cipo", "int"))

    def elaborate(self, platform):
        m = Module()
        # Without a number none is dropped.
        settle = {"settle": self.settle} if self.settle else {}
        m.d.comb += self.give(m, self.when, self.value, **settle).eq(self.anew)
        return m


@pytest.mark.parametrize("settle", [0, 1, 2, 5])
def test_samples_are_given(settle):
    """Dropped while it settles, then one for one; the first after each start is marked."""
    dut = Given(settle)
    when = [cycle % 3 == 0 or cycle > 60 for cycle in range(120)]
    anew = [cycle in (50, 51, 80) for cycle in range(120)]
    seen = []

    async def process(ctx):
        for cycle in range(120):
            ctx.set(dut.when, when[cycle])
            ctx.set(dut.anew, anew[cycle])
            ctx.set(dut.value, cycle - 60)
            sample = ctx.get(dut.o.p)
            seen.append((ctx.get(dut.o.valid), sample["value"], sample["first"]))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    expected, left, begun = [], settle, False
    for cycle, (now, again) in enumerate(zip(when, anew, strict=True)):
        if now and not left and not again:
            expected.append((cycle + 1, cycle - 60, int(not begun)))
            begun = True
        if again:
            left, begun = settle, False
        elif now and left:
            left -= 1
    got = [(cycle, *rest) for cycle, (valid, *rest) in enumerate(seen) if valid]
    # A sample of the very cycle in which it starts anew may be given; it has the old mark.
    extra = {cycle + 1 for cycle in range(120) if anew[cycle] and when[cycle]}
    assert [one for one in got if one[0] not in extra] == [
        one for one in expected if one[0] < 120
    ]  # fmt: skip
    assert len(expected) > 40


def test_ports_go_as_the_bus_has_them():
    dut = Given(0)
    flows = {name: str(member.flow) for name, member in dut.signature.members.items()}
    assert flows == {"o": "Out", "absent": "Out", "cs": "Out", "cipo": "In", "int": "In"}
    assert [len(getattr(dut, name)) for name in ("absent", "cs", "cipo", "int")] == [1] * 4
    ends = itertools.chain.from_iterable(bus.values() for bus in BUSES.values())
    assert set(ends) == {"i", "o"}
    assert BUSES["i2s"] == {"sck": "o", "ws": "o", "sd": "i"}
    assert BUSES["spi"] == {"cs": "o", "sck": "o", "copi": "o", "cipo": "i", "int": "i"}
