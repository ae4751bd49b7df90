"""The netlist of a core by itself, for simulation after synthesis and for its area."""

from __future__ import annotations

import shutil
from pathlib import Path

from hwgen import tools
from hwgen.errors import InputError
from hwgen.files import access
from hwgen.hardware.emit import NO_BIT_NAMES
from hwgen.synth import yosys
from hwgen.targets.family import Toolchain

NETLIST = "netlist.v"
STATISTICS = "netlist_stat.json"
SIMULATED = "netlist_simulated.v"
NETS = "netlist_nets.json"
_MODELS = "netlist_cells.v"
_READERS = {".v": "read_verilog", ".il": "read_rtlil"}


_NUMBERED = (
    "splitnets",
    # Names that tell where a cell comes from are most of the text, and nobody reads it.
    "rename -hide w:*",
    "rename -enumerate -pattern net% w:*",
    "rename -hide c:*",
    "rename -enumerate -pattern cell% c:*",
)
"""Gives every net a name of its own, which the netlist as cells and as equations have in common."""


def _lowered(equations: tuple[str, ...]) -> tuple[str, ...]:
    """Return what replaces small cells by their equations, and writes what is to be simulated."""
    return (
        *_NUMBERED,
        f"write_json {NETS}",
        f"techmap -autoproc -map {_MODELS} {' '.join(f't:{cell}' for cell in equations)}",
        "rename -hide w:cell*",  # else a cell's pin would give its name to the net
        "opt_expr",
        # A table is a shift of 16 bits of which one is looked at. (Enables are left as
        # multiplexers: with `opt_dff` behind `wreduce` a right netlist was simulated wrong.)
        "wreduce",
        "opt_clean -purge",
        "splitnets",
        "opt_clean -purge",
        f"write_verilog -noattr {SIMULATED}",
    )


def _script(read: str, synthesis: tuple[str, ...], equations: tuple[str, ...] | None) -> str:
    """Return Yosys's commands; with `equations` a netlist for simulation is written too."""
    return "; ".join([
        read,
        NO_BIT_NAMES,
        *synthesis,
        f"tee -q -o {STATISTICS} stat -json",
        f"write_verilog -noattr {NETLIST}",
        *(() if equations is None else _lowered(equations)),
    ])  # fmt: skip


def netlist(
    source: Path,
    folder: Path,
    toolchain: Toolchain,
    *,
    top: str | None = None,
    models: Path | None = None,
) -> Path:
    """Synthesise a core for a chip family, without a board, and return the netlist.

    Also writes the cell statistics beside it (`STATISTICS`, for `cell_counts`).

    Parameters
    ----------
    source
        Verilog (``.v``) or RTLIL (``.il``).
    folder
        Where netlist, statistics and log go.
    toolchain
        Of the family.
    top
        The top module's name; found by itself when the source has only one candidate.
    models
        Simulation models of the cells. With them the netlist is also written as `SIMULATED`:
        small cells as their equations, multipliers and block RAMs left as instances; and as
        `NETS`, with all cells. Nets have the same names in both.

    Raises
    ------
    ToolError
        If Yosys is missing or fails; names its log.
    """
    if source.suffix not in _READERS:
        raise InputError(f"source must be a {' or '.join(_READERS)} file, not {source}")
    copy = f"netlist_source{source.suffix}"
    named = f"-top {top}" if top else ""
    synthesis = " ".join(filter(None, (toolchain.synthesis, toolchain.alone, named)))

    def command(*synthesis: str) -> list[str]:
        read, simulated = f"{_READERS[source.suffix]} {copy}", models is not None
        script = _script(read, synthesis, toolchain.equations if simulated else None)
        return [*tools.find("yosys"), "-p", script]

    with tools.workshop(folder) as place:
        with access(folder, "write"):
            for name in (NETLIST, STATISTICS, SIMULATED, NETS):
                (folder / name).unlink(missing_ok=True)
            shutil.copyfile(source, place / copy)
            if models is not None:
                shutil.copyfile(models, place / _MODELS)
        log = folder / "netlist_yosys.log"
        yosys.run(
            command(synthesis),
            place,
            log,
            what="synthesis of the core (Yosys)",
            without=lambda: command(*yosys.without_abc9(toolchain, synthesis)),
        )
    return folder / NETLIST
