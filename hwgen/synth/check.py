"""The synthesised netlist against the golden model: what Yosys made of the core still is the core.

The core is elaborated for a chip family, with its DSP and block RAM cells, synthesised, and
simulated with our own models of the cells (``sim/``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amaranth.back import rtlil
from amaranth.lib import wiring

from hwgen import files, share
from hwgen.boards import Board
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.synth.cells import cell_counts
from hwgen.synth.netlist import SIMULATED, STATISTICS, netlist
from hwgen.targets import Cells
from hwgen.verify import Streamed, Verification, verify

TOP = "hwgen_netlist"


def check_netlist(
    core: wiring.Component,
    board: Board,
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    hop: int | None = None,
    weights: Streamed | None = None,
) -> tuple[Verification, Cells]:
    """Synthesise `core` without a board top, and run windows through its netlist.

    Parameters
    ----------
    core
        The accelerator; it is elaborated here.
    board
        Whose chip it is synthesised for.
    model
        What it was generated from.
    windows
        ADC steps, ``(n, input_samples)``; a few.
    timing
        Of the core, in cycles.
    folder
        For netlist, simulation and logs.
    hop
        Samples from one window to the next; None for windows that do not overlap.
    weights
        The stream of weights; None where there is none.

    Returns
    -------
    tuple[Verification, Cells]
        What was compared, and the cells of the core by itself.

    Raises
    ------
    ToolError
        If Yosys or Verilator is missing or fails.
    """
    result = verify(
        simulated(core, board, folder),
        TOP,
        model,
        windows,
        timing,
        folder / "sim",
        hop=hop,
        quick=True,
        weights=weights,
    )
    return result, cell_counts(folder / STATISTICS, board.target.toolchain)


def simulated(core: wiring.Component, board: Board, folder: Path) -> list[Path]:
    """Synthesise a core and return the Verilog of its netlist, module `TOP`, with its cells.

    Raises
    ------
    ToolError
        If Yosys is missing or fails.
    """
    platform: Any = board.platform()
    source = folder / "core.il"
    files.write_text(source, rtlil.convert(core, name=TOP, platform=platform, emit_src=False))
    toolchain = board.target.toolchain
    models = share.folder("sim") / toolchain.models
    netlist(source, folder, toolchain, top=TOP, models=models)
    return [folder / SIMULATED, models]
