"""The family as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from amaranth.hdl import Signal
from amaranth.vendor import GowinPlatform

from hwgen.boards import find_board
from hwgen.targets import Cells, find
from hwgen.targets.gowin import primitives
from hwgen.targets.gowin.cells import shape
from hwgen.targets.gowin.tools import GOWIN_PACK, NEXTPNR, TOOLCHAIN

GOWIN = find("gowin")


def test_what_it_is():
    assert (GOWIN.name, GOWIN.title) == ("gowin", "Gowin GW1N and GW2A")
    assert GOWIN.primitives is primitives
    assert GOWIN.toolchain is TOOLCHAIN
    assert GOWIN.platform is GowinPlatform
    assert (GOWIN.operand_bits, GOWIN.least_dsp, GOWIN.usual_goal) == (18, 20, "area")
    assert GOWIN.pin_attributes("LVCMOS33") == {"IO_TYPE": "LVCMOS33"}
    assert GOWIN.pll(GOWIN.plan_pll(27, 48), Signal(), Signal(), Signal()).type == "rPLL"


def test_platforms_of_its_own_alone():
    assert GOWIN.serves(SimpleNamespace(family="GW1NR-9C"))
    assert not GOWIN.serves(SimpleNamespace(family="GW5A-25A"))  # its DSP cells are others


@pytest.mark.parametrize(
    ("width", "depth", "blocks"),
    [(18, 1024, 1), (9, 2048, 1), (1, 16384, 1), (36, 512, 2), (70, 1024, 4), (9, 4096, 2)],
)
def test_fewest_blocks(width, depth, blocks):
    assert shape(width, depth).blocks == blocks
    assert GOWIN.memory(width, depth)["ebr"] == blocks
    assert GOWIN.two_port_rom(width, depth)["ebr"] == 2 * blocks


def test_what_it_counts():
    assert GOWIN.multiplier(18, 18) == Cells({"dsp": 1})
    assert GOWIN.multiplier(9, 8, logic=True) == Cells({"lut4": 4 * 20 + 3 * 12})
    assert GOWIN.adder(7) == Cells({"lut4": 7})
    # Rows: two LUT4 choose among four.
    assert [GOWIN.memory(18, 1024 * rows)["lut4"] for rows in (1, 2, 3)] == [0, 0, 36]
    made = TOOLCHAIN.cells({"LUT2": 1, "LUT4": 10, "ALU": 4, "DFFRE": 3, "SDPB": 1, "SDPX9B": 2})
    assert made == Cells({"lut4": 15, "ff": 3, "ebr": 3})


def test_the_placer_is_told_in_its_own_words():
    """Amaranth's platform plans the placer that was before it."""
    planned = {"nextpnr-gowin": ["--quiet", "--log", "top.tim", "--device", "PART", "--family",
                                 "GW1N-9C", "--json", "top.syn.json", "--cst", "top.cst", "--write",
                                 "top.pnr.json"],
               "gowin_pack": ["-d", "GW1N-9C", "-o", "top.fs", "top.pnr.json"]}  # fmt: skip
    assert TOOLCHAIN.arguments(NEXTPNR, planned) == [
        "--device", "PART", "--vopt", "family=GW1N-9C", "--vopt", "cst=top.cst",
        "--json", "top.syn.json",
    ]  # fmt: skip
    assert TOOLCHAIN.arguments(GOWIN_PACK, planned) == ["-d", "GW1N-9C"]
    # A chip with memory on a second die is the chip without.
    with_ram = {name: [word.replace("GW1N-9C", "GW2AR-18C") for word in words]
                for name, words in planned.items()}  # fmt: skip
    assert "family=GW2A-18C" in TOOLCHAIN.arguments(NEXTPNR, with_ram)
    assert TOOLCHAIN.arguments(GOWIN_PACK, with_ram) == ["-d", "GW2A-18C"]


def test_a_board_by_its_pins():
    board = find_board("tang-nano-20k")
    assert (board.device, board.package, board.speed) == ("GW2AR-18C", "QN88", "C8/I7")
    assert board.platform().part == "GW2AR-LV18QN88C8/I7"
