"""The board top to a bitstream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import tools
from hwgen.flow import generate, sensing
from hwgen.flow.decides import Stage, decisive
from hwgen.flow.generated import Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.implemented import Implemented
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel
from hwgen.synth import BITSTREAM, synthesise
from hwgen.targets import Cells

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.gateware.top import BoardTop

FOLDER = "synth"
OUTPUTS = (BITSTREAM,)


def basis(digest: str, options: HardwareOptions) -> dict[str, Any]:
    """Return what a result of this stage holds for."""
    asked = decisive(options, Stage.SYNTH, sought=options.design.seeking)
    return {"digest": digest, "options": asked}


def inputs(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    least: int | None,
) -> dict[str, Any]:
    """Return all that decides the outcome.

    Parameters
    ----------
    known
        What the generator said.
    least
        With a sensor, the margin below which a class is unknown.
    """
    return basis(model.digest, options) | {
        "board": board.to_json(),
        "design": known.design.to_json(),
        "unknown_below": least,
        "tools": [tools.version(tool) for tool in board.target.toolchain.tools],
    }


def implement(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    least: int | None,
    folder: Path,
    say: Say,
) -> Implemented:
    """Synthesise, place, route and pack; return resources, timing and tools."""
    alone = _core(model, options, board, known, folder, say)
    top = board_top(model, options, board, known, least)
    result = synthesise(
        board,
        top,
        folder,
        clock_mhz=top.clock_mhz,
        seeds=options.seeds,
        quick=options.quick,
        progress=say,
    )
    return Implemented.of(result, basis(model.digest, options), clock_mhz=top.clock_mhz, core=alone)


def board_top(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    least: int | None,
) -> BoardTop:
    """Return the accelerator with the board's PLL, link and sensor around it."""
    from hwgen.gateware.top import BoardTop

    core = generate.accelerator(model, known.design)
    return BoardTop(
        core,
        board,
        options.clock_mhz,
        baud=options.baud,
        digest=model.digest,
        at_start=sensing.at_start(options),
        **sensing.components(model, options, board, core, least or 0),
    )


def _core(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    folder: Path,
    say: Say,
) -> Cells | None:
    """Return the cells of the accelerator by itself, where a small one is wanted."""
    if options.design.goal != "area" or options.quick:
        return None
    from hwgen.synth.core import core_cells

    say("the core by itself (Yosys)")
    core = generate.accelerator(model, known.design)
    return core_cells(core, board, folder / "core")
