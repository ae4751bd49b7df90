"""Boards: TOML to Amaranth platform, clock and board top.

A board is one file in ``boards/``: an amaranth-boards class or the chip and its pins, and which
pins are the UART.
"""

from hwgen.boards.board import Board
from hwgen.boards.catalogue import find_board, load_boards

__all__ = ["Board", "find_board", "load_boards"]
