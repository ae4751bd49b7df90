"""Where a threshold is kept, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from amaranth.hdl import Module, Signal

from hwgen.boards.board import Connection, Flash
from hwgen.errors import CannotMeetError
from hwgen.gateware.flash import pins
from hwgen.gateware.flash.kept import KeptThreshold
from hwgen.gateware.flash.master import FlashMaster
from hwgen.gateware.flash.plan import FlashPlan, plan_flash
from hwgen.targets.ecp5.family import Ecp5


@pytest.mark.parametrize(("size", "base"), [(1 << 24, 0xFFE000), (1 << 22, 0x3FE000)])
def test_the_last_two_sectors(size, base):
    assert plan_flash(size, 100.0) == FlashPlan(base, 10, 100_000_000)


@pytest.mark.parametrize(("mhz", "half"), [(25.0, 4), (48.0, 5), (100.0, 10), (105.0, 11)])
def test_the_clock_is_at_most_five_megahertz_and_an_eighth_of_the_design_s(mhz, half):
    plan = plan_flash(1 << 24, mhz, 1e-3)
    assert plan.half == half
    assert mhz / (2 * plan.half) <= min(5, mhz / 8)
    assert plan.timeout_cycles == mhz * 1000


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: FlashPlan(4096, 4, 1), "base must be a multiple of 8192 below 16777216"),
        (lambda: FlashPlan(1 << 24, 4, 1), "base must be a multiple of 8192 below 16777216"),
        (lambda: FlashPlan(-8192, 4, 1), "base must be a multiple of 8192 below 16777216"),
        (lambda: FlashPlan(0, 3, 1), "half must be at least 4, not 3"),
        (lambda: FlashPlan(0, 4, 0), "timeout_cycles must be"),
        (lambda: FlashMaster(3), "half must be at least 4, not 3"),
        (lambda: KeptThreshold(8, bytes(7), FlashPlan(0, 4, 1)), "digest must be 8 bytes, not"),
    ],
)
def test_parameters_are_checked(make, text, refusing):
    with pytest.raises(ValueError, match=text):
        make()


def test_a_family_without_a_flash_clock_needs_a_pin_for_it(monkeypatch):
    class Other(Ecp5):
        def flash_clock(self, clock):
            return super(Ecp5, self).flash_clock(clock)

    monkeypatch.setattr(pins, "request", lambda platform, connection: SimpleNamespace())
    flash = Flash(1 << 24, Connection("spi_flash"))
    board = SimpleNamespace(name="mine-25f", target=Other(), flash=flash)
    ours = SimpleNamespace(sck=Signal(), cs=Signal(), copi=Signal())
    with pytest.raises(CannotMeetError, match=r"mine-25f: flash.resource must have a part clk"):
        pins.attach(Module(), None, board, ours)
