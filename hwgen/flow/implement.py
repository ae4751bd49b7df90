"""The board top to a bitstream."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import tools
from hwgen.flow import generate, sensing
from hwgen.flow.options import HardwareOptions
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel
from hwgen.synth import BITSTREAM, synthesise

if TYPE_CHECKING:
    from hwgen.boards import Board

FOLDER = "synth"
OUTPUTS = (BITSTREAM,)


def basis(digest: str, options: HardwareOptions) -> dict[str, Any]:
    """Return what a result of this stage holds for."""
    lists = {name: list(getattr(options, name)) for name in ("seeds", "normal")}
    return {"digest": digest, "options": asdict(options) | lists}


def inputs(
    model: QuantizedModel, options: HardwareOptions, board: Board, known: dict[str, Any]
) -> dict[str, Any]:
    """Return all that decides the outcome.

    Parameters
    ----------
    known
        What the generator said; with a sensor, the margin below which a class is unknown, too.
    """
    return basis(model.digest, options) | {
        "board": board.to_json(),
        "design": known["design"],
        "unknown_below": known.get("unknown_below"),
        "tools": [tools.version(tool) for tool in board.target.toolchain.tools],
    }


def implement(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: dict[str, Any],
    folder: Path,
    say: Say,
) -> dict[str, Any]:
    """Synthesise, place, route and pack; return resources, timing and tools."""
    from hwgen.gateware.top import BoardTop

    core = generate.accelerator(model, generate.point_of(known))
    extra = _core(model, options, board, known, folder, say)
    top = BoardTop(
        core,
        board,
        options.clock_mhz,
        baud=options.baud,
        digest=model.digest,
        **sensing.components(model, options, board, core, known.get("unknown_below", 0)),
    )
    result = synthesise(
        board, top, folder, clock_mhz=top.clock_mhz, seeds=options.seeds, progress=say
    )
    bitstream = None if result.bitstream is None else result.bitstream.name
    return (
        result.to_json()
        | extra
        | {
            "basis": basis(model.digest, options),
            "clock_mhz": top.clock_mhz,
            "bitstream": bitstream,
        }
    )


def _core(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: dict[str, Any],
    folder: Path,
    say: Say,
) -> dict[str, Any]:
    """Return the cells of the accelerator by itself, where a small one is wanted."""
    if options.goal != "area":
        return {}
    from hwgen.synth.core import core_cells

    say("the core by itself (Yosys)")
    core = generate.accelerator(model, generate.point_of(known))
    return {"core": core_cells(core, board, folder / "core").to_json()}
