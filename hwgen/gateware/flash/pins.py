"""A flash's pins on a board."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module
from amaranth.lib import io

from hwgen.boards.board import Board
from hwgen.boards.platforms import request
from hwgen.errors import CannotMeetError


def attach(m: Module, platform: Any, board: Board, pins: Any) -> None:
    """Join ``pins`` (`hwgen.gateware.flash.master.FLASH_PINS`) to those of the board's flash.

    Raises
    ------
    CannotMeetError
        If its clock is no pin, and the family has nothing that drives it.
    """
    assert board.flash is not None
    ports = request(platform, board.flash.connection)
    driven = {"cs": pins.cs, "copi": pins.copi}
    if hasattr(ports, "clk"):
        driven["clk"] = pins.sck
    else:
        clock = board.target.flash_clock(pins.sck)
        if clock is None:
            raise CannotMeetError(f"{board.name}: flash.resource must have a part clk")
        m.submodules.flash_clock = clock
    m.submodules.flash_cipo = cipo = io.Buffer("i", ports.cipo)
    m.d.comb += pins.cipo.eq(cipo.i)
    # Write protection and hold, both active low: off.
    driven |= {name: Const(0) for name in ("wp", "hold") if hasattr(ports, name)}
    for name, value in driven.items():
        buffer = io.Buffer("o", getattr(ports, name))
        m.submodules[f"flash_{name}"] = buffer
        m.d.comb += buffer.o.eq(value)
