"""The family as a whole."""

from __future__ import annotations

import pytest
from amaranth.hdl import Signal
from amaranth.vendor import LatticePlatform

from hwgen.boards import find_board
from hwgen.targets import Cells, find
from hwgen.targets.nexus import primitives
from hwgen.targets.nexus.cells import shape
from hwgen.targets.nexus.tools import NEXTPNR, PRJOXIDE, TOOLCHAIN

NEXUS = find("nexus")


def test_what_it_is():
    assert (NEXUS.name, NEXUS.title) == ("nexus", "Lattice CrossLink-NX and Certus-NX")
    assert NEXUS.primitives is primitives
    assert NEXUS.toolchain is TOOLCHAIN
    assert issubclass(NEXUS.platform, LatticePlatform)
    assert (NEXUS.operand_bits, NEXUS.least_dsp, NEXUS.settle_us) == (18, 56, 0)
    assert NEXUS.pin_attributes("LVCMOS33") == {"IO_TYPE": "LVCMOS33"}
    assert NEXUS.pll(NEXUS.plan_pll(25, 80), Signal(), Signal(), Signal()).type == "PLL"


@pytest.mark.parametrize(
    ("width", "depth", "blocks", "both"),
    [(36, 512, 1, 2), (18, 1024, 1, 1), (9, 2048, 1, 1), (1, 16384, 1, 1), (70, 1024, 4, 4)],
)
def test_fewest_blocks(width, depth, blocks, both):
    assert shape(width, depth).blocks == blocks
    assert NEXUS.memory(width, depth)["ebr"] == blocks
    # Where both ports read, words have at most 18 bits.
    assert NEXUS.two_port_rom(width, depth)["ebr"] == both


def test_what_it_counts():
    assert NEXUS.multiplier(18, 18) == Cells({"dsp": 1})
    # 72 gates, four rows of a chain of 10 bits, three sums of 12.
    assert NEXUS.multiplier(9, 8, logic=True) == Cells({"lut4": 72 + 4 * 12 + 3 * 14})
    # Short sums are tables; a chain has a cell for what is carried in.
    assert [NEXUS.adder(bits)["lut4"] for bits in (3, 4, 5, 8)] == [4, 4, 8, 10]
    assert [NEXUS.memory(18, 1024 * rows)["lut4"] for rows in (1, 2, 3)] == [0, 0, 21]
    made = TOOLCHAIN.cells({"LUT4": 10, "INV": 1, "CCU2": 4, "WIDEFN9": 2, "FD1P3IX": 3,
                            "FD1P3JX": 1, "MULT18X18": 2, "DP16K": 1, "PDPSC16K": 2})  # fmt: skip
    assert made == Cells({"lut4": 23, "ff": 4, "dsp": 2, "ebr": 3})


@pytest.mark.parametrize(
    ("name", "part"),
    [("certus-nx-versa", "LFD2NX-40-8BG256C"), ("crosslink-nx-vip", "LIFCL-40-9BG400C")],
)
def test_the_tools_are_told_the_chip(name, part):
    board = find_board(name)
    assert board.resources == Cells({"lut4": 32256, "ff": 32256, "dsp": 56, "ebr": 84})
    planned = {
        "nextpnr-nexus": ["--log", "top.tim", "--device", part, "--pdc", "top.pdc",
                          "--json", "top.json", "--fasm", "top.fasm"],
        "prjoxide": ["pack", "top.fasm", "top.bit"],
    }  # fmt: skip
    assert TOOLCHAIN.arguments(NEXTPNR, planned) == [
        "--device", part, "--pdc", "top.pdc", "--json", "top.json", "--router", "router1",
    ]  # fmt: skip
    assert TOOLCHAIN.arguments(PRJOXIDE, planned) == ["pack"]
    platform = board.platform()
    made = f"{platform.device}-{platform.speed}{platform.package}{platform.grade}"
    assert made == part
