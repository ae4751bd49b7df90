"""What the accelerator takes by itself, without the board's PLL and link."""

from __future__ import annotations

from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

from hwgen import files
from hwgen.boards import Board
from hwgen.synth.cells import cell_counts
from hwgen.synth.netlist import STATISTICS, netlist
from hwgen.targets import Cells

_TOP = "hwgen_core"


def core_cells(core: wiring.Component, board: Board, folder: Path) -> Cells:
    """Synthesise `core`, which is elaborated here, and count its cells.

    Raises
    ------
    ToolError
        If Yosys is missing or fails.
    FileAccessError
        If `folder` cannot be written.
    """
    source = folder / "core.il"
    with files.access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
    text = rtlil.convert(core, name=_TOP, platform=board.platform(), emit_src=False)
    files.write_text(source, text)
    toolchain = board.target.toolchain
    netlist(source, folder, toolchain, top=_TOP)
    return cell_counts(folder / STATISTICS, toolchain)
