"""The family as a whole."""

from __future__ import annotations

from types import SimpleNamespace

from amaranth.hdl import IOPort, Signal
from amaranth.vendor import LatticeICE40Platform

from hwgen.boards import find_board
from hwgen.boards.platforms import request_clock
from hwgen.targets import Cells, find
from hwgen.targets.ice40 import primitives
from hwgen.targets.ice40.tools import TOOLCHAIN

ICE40 = find("ice40")


def test_what_it_is():
    assert (ICE40.name, ICE40.title) == ("ice40", "Lattice iCE40 UltraPlus")
    assert ICE40.primitives is primitives
    assert ICE40.toolchain is TOOLCHAIN
    assert ICE40.platform is LatticeICE40Platform
    assert (ICE40.operand_bits, ICE40.least_dsp, ICE40.usual_goal) == (18, 8, "area")
    assert ICE40.pin_attributes("LVCMOS33") == {"IO_STANDARD": "SB_LVCMOS"}


def test_platforms_of_its_own_alone():
    # Chips of SiliconBlue's that are no iCE40 have cells of the same names, and no DSP.
    assert ICE40.serves(SimpleNamespace(family="iCE40"))
    assert not ICE40.serves(SimpleNamespace(family="iCE5"))


def test_the_pll_s_own_pin():
    plan = ICE40.plan_pll(12, 24)
    own, _ = request_clock(find_board("icebreaker").platform())
    other, _ = request_clock(find_board("upduino3").platform())
    assert ICE40.pll_pin(other) is None
    pin = ICE40.pll_pin(own)
    assert isinstance(pin, IOPort)
    assert ICE40.pll(plan, pin, Signal(), Signal()).type == "SB_PLL40_PAD"
    assert ICE40.pll(plan, Signal(), Signal(), Signal()).type == "SB_PLL40_CORE"


def test_what_yosys_counts():
    made = TOOLCHAIN.cells({"SB_LUT4": 100, "SB_CARRY": 40, "SB_DFFESR": 3, "SB_DFF": 2,
                            "SB_RAM40_4K": 5, "SB_SPRAM256KA": 1})  # fmt: skip
    assert made == Cells({"lut4": 100, "ff": 5, "ebr": 5, "spram": 1})
