"""What parts take of the chip's cells."""

from __future__ import annotations

import pytest

from hwgen.targets import Cells, Turns, find
from hwgen.targets.ice40.cells import shape, single_port_bits

ICE40 = find("ice40")


@pytest.mark.parametrize(
    ("width", "depth", "blocks"),
    [(16, 256, 1), (8, 512, 1), (4, 1024, 1), (2, 2048, 1), (70, 1024, 18), (10, 1024, 3),
     (23, 14, 2), (9, 4096, 10)],
)  # fmt: skip
def test_fewest_blocks(width, depth, blocks):
    assert shape(width, depth).blocks == blocks
    assert ICE40.memory(width, depth)["ebr"] == blocks
    # A block has one port to read: each reader has blocks of its own.
    assert ICE40.two_port_rom(width, depth)["ebr"] == 2 * blocks


def test_of_equal_shapes_the_shallowest_then_the_narrowest():
    assert (shape(8, 2816).word, shape(8, 2816).rows) == (4, 3)
    assert shape(2, 100).word == 2
    # Two LUT4 choose among four.
    assert shape(16, 1024).rows == 1
    assert [ICE40.memory(2, 2048 * rows)["lut4"] for rows in (1, 2, 3, 4, 5)] == [0, 2, 4, 4, 6]


def test_memories_whose_reads_and_writes_take_turns():
    # One bank takes a narrow memory as a whole, or leaves it.
    assert ICE40.memory(9, 2048, turns=Turns())["spram"] == 1
    assert ICE40.memory(9, 2048, turns=Turns())["ebr"] == 0
    assert ICE40.memory(17, 2048, turns=Turns()) == ICE40.memory(17, 2048)
    # Two banks take 16 bits of a word.
    assert ICE40.memory(70, 1024, turns=Turns(2))["spram"] == 2
    assert ICE40.memory(70, 1024, turns=Turns(2))["ebr"] == shape(54, 1024).blocks == 14
    assert ICE40.memory(12, 1024, turns=Turns(2))["ebr"] == 0
    # Shallow ones, and such as no bank holds, are block RAMs.
    assert ICE40.memory(9, 511, turns=Turns()) == ICE40.memory(9, 511)
    assert [single_port_bits(8, 1 << bits, Turns()) for bits in (14, 15)] == [8, 0]
    assert [single_port_bits(8, 1 << bits, Turns(0)) for bits in (15, 16)] == [8, 0]
    # Words at configuration it has none of.
    assert ICE40.memory(9, 2048, rom=True) == ICE40.memory(9, 2048)


def test_adders_and_multipliers():
    assert [ICE40.adder(bits)["lut4"] for bits in (1, 2, 7, 8)] == [1, 2, 7, 8]
    assert ICE40.multiplier(16, 16) == Cells({"dsp": 1})
    assert ICE40.multiplier(18, 16) == Cells({"dsp": 1, "lut4": 2 * 17})
    assert ICE40.multiplier(18, 18) == Cells({"dsp": 1, "lut4": 2 * 19 + 2 * 17 + 22})
    assert ICE40.multiplier(9, 8, logic=True) == Cells({"lut4": 4 * 20 + 3 * 12})
