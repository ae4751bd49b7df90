"""The netlist of a core by itself, for simulation after synthesis and for its area."""

from __future__ import annotations

import shutil
from pathlib import Path

from hwgen import tools
from hwgen.errors import InputError
from hwgen.files import access

NETLIST = "netlist.v"
STATISTICS = "netlist_stat.json"
_READERS = {".v": "read_verilog", ".il": "read_rtlil"}


def netlist(source: Path, folder: Path, *, top: str | None = None) -> Path:
    """Synthesise a core for the ECP5, without a board, and return the netlist.

    Also writes the cell statistics beside it (`STATISTICS`, for `cell_counts`).

    Parameters
    ----------
    source
        Verilog (``.v``) or RTLIL (``.il``).
    folder
        Where netlist, statistics and log go.
    top
        The top module's name; found by itself when the source has only one candidate.

    Raises
    ------
    ToolError
        If Yosys is missing or fails; names its log.
    """
    if source.suffix not in _READERS:
        raise InputError(f"source must be a {' or '.join(_READERS)} file, not {source}")
    copy = folder / f"netlist_source{source.suffix}"
    with access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (NETLIST, STATISTICS):
            (folder / name).unlink(missing_ok=True)
        # Yosys as a wheel opens relative paths only, and names in its scripts are not quoted.
        shutil.copyfile(source, copy)
    script = "; ".join([
        f"{_READERS[source.suffix]} {copy.name}",
        f"synth_ecp5{f' -top {top}' if top else ''}",
        f"tee -q -o {STATISTICS} stat -json",
        f"write_verilog -noattr {NETLIST}",
    ])  # fmt: skip
    command = [*tools.find("yosys"), "-p", script]
    tools.run(command, folder, folder / "netlist_yosys.log", what="synthesis of the core (Yosys)")
    return folder / NETLIST
