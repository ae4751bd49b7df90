"""What can be told before any work is done."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hwgen import files, tools
from hwgen.boards import Board
from hwgen.flow import sensing
from hwgen.flow.hardware_options import HardwareOptions

_TOOLS = ("yosys", "verilator", "g++", "make", "perl")
"""What a build needs for any chip."""


def check_request(options: HardwareOptions, board: Board, folder: Path) -> None:
    """Refuse what must fail later, so that nobody waits for it and nothing is left behind.

    Raises
    ------
    FileAccessError
        If `folder` cannot be written.
    CannotMeetError
        If the board cannot make the clock, or the clock the bit rate.
    UsageError
        If a sensor's options make no sense.
    ToolError
        If a tool is missing.
    """
    from hwgen.gateware.link.uart import uart_divisor

    check_place(folder)
    sensing.check_asked(options, board)
    clock = board.plan_pll(options.clock_mhz)
    uart_divisor(float(clock.output_mhz), options.baud)
    for tool in (*map(tools.known, _TOOLS), *board.target.toolchain.tools):
        tools.find(tool)


def check_pace(options: HardwareOptions, board: Board, pause: int) -> None:
    """Raise `CannotMeetError` if the line is faster than a core that needs pauses."""
    from hwgen.gateware.link import uart

    clock = float(board.plan_pll(options.clock_mhz).output_mhz)
    uart.check_pace(uart.uart_divisor(clock, options.baud), pause, options.baud)


def check_place(folder: Path) -> None:
    """Raise `FileAccessError` if `folder` cannot be written; does not make it."""
    with files.access(folder, "write"):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{nearest} is not a folder")
        if not os.access(nearest, os.W_OK | os.X_OK):
            # A read-only file system shows here for the superuser too.
            raise PermissionError(errno.EACCES, f"no permission to write in {nearest}")
