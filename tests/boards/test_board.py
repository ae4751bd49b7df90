"""What a board is unless its file says more."""

from __future__ import annotations

from hwgen.boards.board import OUTPUTS, Board, Connection
from hwgen.targets import Cells, find

FAMILY = find("ecp5")


def test_a_connection():
    one = Connection("led")
    assert (one.member, one.pins, one.io_type) == (None, (), "LVCMOS33")
    assert one.invert is False
    assert one.inputs == ("rx",)


def test_a_board():
    uart = Connection("uart")
    one = Board("a-25f", "A", "LFE5U-25F", "BG256", "6", 25.0, FAMILY,
                Cells({"lut4": 1}), uart, None,
                (), object)  # fmt: skip
    assert one.to_json() == {"name": "a-25f", "device": "LFE5U-25F", "package": "BG256"}
    assert (one.sources, one.outputs, one.lights, one.loader) == ({}, None, None, ())
    other = Board("a-25f", "A", "LFE5U-25F", "BG256", "6", 25.0, FAMILY,
                Cells({"lut4": 1}), uart, None,
                  (), dict)  # fmt: skip
    assert one == other, "platforms are not compared"
    assert "platform" not in repr(one)
    assert OUTPUTS == ("alarm", "fault", "heartbeat", "unknown")
