"""What parts take of the chip's cells."""

from __future__ import annotations

import pytest

from hwgen.targets import Cells, find
from hwgen.targets.ecp5.cells import shape

ECP5 = find("ecp5")


@pytest.mark.parametrize(
    ("width", "depth", "blocks"),
    [(36, 512, 1), (44, 2048, 5), (40, 512, 2), (1, 16384, 1), (18, 1024, 1), (288, 200, 8)],
)
def test_fewest_blocks(width, depth, blocks):
    assert shape(width, depth).blocks == blocks
    assert ECP5.memory(width, depth) == Cells({"ebr": blocks})


@pytest.mark.parametrize(
    ("width", "depth", "blocks"), [(12, 1024, 1), (12, 2048, 2), (18, 1024, 1), (9, 2048, 1)]
)
def test_fewest_blocks_where_both_ports_read(width, depth, blocks):
    assert ECP5.two_port_rom(width, depth) == Cells({"ebr": blocks})


def test_of_equal_shapes_the_shallowest_then_the_narrowest():
    assert (shape(18, 512).word, shape(18, 512).rows) == (18, 1)
    assert (shape(36, 1024).word, shape(36, 1024).rows) == (18, 1)
    assert (shape(9, 100).word, shape(1, 100).word) == (9, 1)


def test_memories_from_registers_to_rows():
    assert [ECP5.memory(18, depth)["ebr"] for depth in (4, 5, 1024, 1025)] == [0, 1, 1, 2]
    assert ECP5.memory(18, 4, rom=True)["ebr"] == 1
    # Words of two rows, and of three.
    assert ECP5.memory(18, 1024)["lut4"] == 0
    assert shape(36, 1500).rows == 3
    assert ECP5.memory(36, 1500) == Cells({"ebr": 3, "lut4": 43})


def test_adders_and_multipliers():
    assert [ECP5.adder(bits)["lut4"] for bits in (1, 2, 7, 8)] == [2, 2, 8, 8]
    assert ECP5.multiplier(18, 18) == Cells({"dsp": 1})
    # Four rows of 10 bits, 2.4 times 17 bits to make two of them, 14 of the last sum.
    assert ECP5.multiplier(9, 8, logic=True) == Cells({"lut4": 72 + 40 + 40 + 14})
    # Of nine bits the last row is the sign.
    assert ECP5.multiplier(7, 9, logic=True) == Cells({"lut4": 63 + 40 + 96 + 14})
    assert ECP5.multiplier(18, 18, logic=True) == Cells({"lut4": 324 + 180 + 349 + 34})
    assert ECP5.multiplier(4, 3, logic=True) == Cells({"lut4": 12 + 2 * 6 + 4})
