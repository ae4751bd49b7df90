"""What switches in a core's netlist for a window, and in each cycle at rest: real windows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from amaranth.lib import wiring

from hwgen import files
from hwgen.boards import Board
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel
from hwgen.synth import nets
from hwgen.synth.activity import Activity, activity
from hwgen.synth.cells import cell_counts
from hwgen.synth.check import TOP, simulated
from hwgen.synth.netlist import NETS, STATISTICS
from hwgen.targets import Cells
from hwgen.targets.power import Power
from hwgen.verify.activity import trace


@dataclass(frozen=True)
class Switched:
    """What switches in a core.

    Parameters
    ----------
    windows
        Answers over which it was counted, each of them right.
    rest
        In a cycle in which nothing is computed.
    window
        For an answer, beyond what switches in as many cycles at rest.
    core
        Cells of the core by itself.
    """

    windows: int
    rest: Activity
    window: Activity
    core: Cells


def switched(
    core: wiring.Component,
    board: Board,
    figures: Power,
    model: QuantizedModel,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    hop: int | None = None,
) -> Switched:
    """Synthesise a core, run windows through its netlist, and count what switches.

    Parameters
    ----------
    core, board, model, windows, timing, folder, hop
        As of `hwgen.synth.check.check_netlist`.
    figures
        Of the chip's family, which knows what routing reaches.

    Raises
    ------
    MismatchError
        If the netlist answers otherwise than the golden model.
    ToolError
        If Yosys or Verilator is missing or fails.
    """
    with files.access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
    verilog = simulated(core, board, folder)
    toolchain = board.target.toolchain
    found = trace(verilog, TOP, model, windows, timing, folder / "sim", hop=hop)
    known = nets.read(folder / NETS, TOP, toolchain, figures.wiring)
    busy, settled, idle = (
        activity(run.at("harness", "core"), known)
        for run in (found.busy, found.settled, found.idle)
    )
    longer = idle.beyond(settled)
    rest = longer * (1 / longer.cycles)
    own = busy.beyond(rest * busy.cycles) * (1 / found.windows)
    return Switched(found.windows, rest, own, cell_counts(folder / STATISTICS, toolchain))
