"""How a family's tools are told and read."""

from __future__ import annotations

from dataclasses import replace

from hwgen.targets import find
from hwgen.tools import Tool, known

CHAIN = replace(
    find("ecp5").toolchain,
    placer=Tool("place", "make place"),
    packer=Tool("pack", "make pack"),
    counted={"lut4": {"LUT": 1, "CARRY": 2}, "dsp": {"MULT": 1}},
)


def test_tools_are_in_the_order_of_their_use():
    assert CHAIN.tools == (known("yosys"), CHAIN.placer, CHAIN.packer)


def test_a_kind_is_made_of_several_cells():
    made = CHAIN.cells({"LUT": 10, "CARRY": 3, "OTHER": 9})
    assert made.to_json() == {"lut4": 16, "dsp": 0}
