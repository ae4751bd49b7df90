"""From an Amaranth board top to a bitstream: Yosys, nextpnr, a packer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from hwgen import tools
from hwgen.boards import Board
from hwgen.errors import ToolError
from hwgen.files import access, write_bytes
from hwgen.hardware.emit import NO_BIT_NAMES
from hwgen.synth import yosys
from hwgen.synth.cells import cell_counts, check_fits, packed_cells
from hwgen.synth.route import Route, config_name, route, route_quickly
from hwgen.targets import Cells
from hwgen.targets.family import Toolchain

BITSTREAM = "top.bit"
STATISTICS = "stat.json"


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True)
class SynthResult:
    """A routed board top.

    Parameters
    ----------
    synthesised
        The cells that Yosys made.
    packed
        Those that place and route made of them; a packed cell takes a look-up table's place whether
        or not it is one.
    available
        What the chip has by its data sheet.
    target_mhz, fmax_mhz
        The PLL's clock, and what the routed design reaches.
    seed
        The placer's seed.
    bitstream
        The bitstream; None when the clock is missed: it would not work.
    tools
        Version of each tool.
    notices
        What the user must know.
    """

    synthesised: Cells
    packed: Cells
    available: Cells
    target_mhz: float
    fmax_mhz: float
    seed: int
    bitstream: Path | None
    tools: dict[str, str]
    notices: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether the clock is met."""
        return self.fmax_mhz >= self.target_mhz

    @property
    def cells(self) -> Cells:
        """As a report tells them: ``lut4`` as synthesised, ``comb`` and all others as packed.

        What place and route does not count is as synthesised, too.
        """
        logic = {"lut4": self.synthesised["lut4"], "comb": self.packed["lut4"]}
        found = {**self.synthesised, **self.packed}
        return Cells(logic | {kind: n for kind, n in found.items() if kind not in logic})


def synthesise(
    board: Board,
    top: Any,
    folder: Path,
    *,
    clock_mhz: float,
    seeds: Sequence[int] = (1,),
    quick: bool = False,
    progress: Callable[[str], None] = _silent,
) -> SynthResult:
    """Synthesise, place, route and pack `top` for `board`.

    Everything stays in `folder`: sources, constraints, logs, reports, bitstream.

    Parameters
    ----------
    board
        The board.
    top
        Amaranth elaboratable, such as `hwgen.gateware.top.BoardTop`.
    folder
        Where to work; made when missing.
    clock_mhz
        The clock that the PLL makes (`BoardTop.clock_mhz`): the target.
    seeds
        The placer's seeds; the first that meets the clock wins, else the fastest.
    quick
        Whether the one that is done first wins.
    progress
        Told what begins.

    Raises
    ------
    CannotMeetError
        If the chip is too small: names what is short and what would fit. A missed clock is no
        error here: see `SynthResult.met`.
    ToolError
        If a tool is missing or fails; names its log.
    FileAccessError
        If the folder cannot be written.
    """
    if not seeds:
        raise ValueError("seeds must be at least one, not none")
    # a missing tool is told first
    versions = {tool.name: tools.version(tool) for tool in board.target.toolchain.tools}
    with tools.workshop(folder) as place:
        return _run(board, top, place, folder, clock_mhz, seeds, progress, versions, quick=quick)


def _run(
    board: Board,
    top: Any,
    place: Path,
    folder: Path,
    clock_mhz: float,
    seeds: Sequence[int],
    progress: Callable[[str], None],
    versions: dict[str, str],
    *,
    quick: bool,
) -> SynthResult:
    """Do it in `place`; logs go to `folder` at once, so that they can be watched."""
    toolchain = board.target.toolchain
    commands = prepare(board, top, place)

    progress("synthesis (Yosys)")
    notices = yosys.run(
        commands["yosys"],
        place,
        folder / "yosys.log",
        what="synthesis (Yosys)",
        without=lambda: _without_abc9(commands["yosys"], toolchain, place),
        progress=progress,
    )
    cells = cell_counts(place / STATISTICS, toolchain)
    check_fits(board, cells)

    clocked = [toolchain.frequency, f"{clock_mhz:g}"] if toolchain.frequency else []
    routed = (route_quickly if quick else route)(
        [*commands[toolchain.placer.name], *clocked],
        toolchain,
        place,
        folder,
        clock_mhz=clock_mhz,
        seeds=seeds,
        progress=progress,
    )
    packed = packed_cells(routed.report, toolchain)
    check_fits(board, packed)

    bitstream = None
    if routed.fmax_mhz >= clock_mhz:
        progress(f"bitstream ({toolchain.packer.name})")
        _pack(commands[toolchain.packer.name], toolchain, place, folder, routed)
        bitstream = folder / BITSTREAM
    else:
        _leave_none(folder)
    return SynthResult(
        synthesised=cells,
        packed=packed,
        available=board.resources,
        target_mhz=clock_mhz,
        fmax_mhz=routed.fmax_mhz,
        seed=routed.seed,
        bitstream=bitstream,
        tools={"amaranth": metadata.version("amaranth"), **versions},
        notices=notices,
    )


def prepare(board: Board, top: Any, place: Path) -> dict[str, list[str]]:
    """Write the sources that Amaranth makes and return each tool's command for them.

    The board's own options (chip, package, compression ...) are in the commands that its platform
    plans; outputs and verbosity are ours.
    """
    plan = board.platform().build(
        top,
        do_build=False,
        script_after_read=NO_BIT_NAMES,
        script_after_synth=f"tee -q -o {STATISTICS} stat -json",
    )
    toolchain = board.target.toolchain
    for name in toolchain.sources:
        content = plan.files[name]
        write_bytes(place / name, content.encode() if isinstance(content, str) else content)
    commands = json.loads(plan.files["build_top.json"])["commands"]
    planned = {command[0]: command[1:] for command in commands}
    return {
        tool.name: [
            *tools.find(tool),
            *toolchain.arguments(tool, planned),
        ]
        for tool in toolchain.tools
    }


def _without_abc9(command: list[str], toolchain: Toolchain, place: Path) -> list[str]:
    """Let the script do without ABC9; return the command, which is the same."""
    for path in (place / name for name in toolchain.sources if name.endswith(".ys")):
        lines = path.read_text(encoding="utf-8").splitlines()
        number = next(
            n for n, line in enumerate(lines) if line.split()[:1] == [toolchain.synthesis]
        )
        lines[number : number + 1] = yosys.without_abc9(toolchain, lines[number].strip())
        write_bytes(path, "\n".join(lines).encode())
    return command


def _leave_none(folder: Path) -> None:
    """Remove the bitstream that an earlier run left: it is another design's."""
    with access(folder / BITSTREAM, "write"):
        (folder / BITSTREAM).unlink(missing_ok=True)


def _pack(
    command: Sequence[str], toolchain: Toolchain, place: Path, folder: Path, routed: Route
) -> None:
    """Write the bitstream."""
    name = toolchain.packer.name
    options = zip(toolchain.packing, (config_name(routed.seed), BITSTREAM), strict=True)
    log = folder / f"{name}.log"
    files = [word for option in options for word in option if word]
    tools.run([*command, *files], place, log, what=f"bitstream ({name})")
    made = place / BITSTREAM
    if not made.is_file() or made.stat().st_size == 0:
        raise ToolError(f"{name} wrote no bitstream; log: {log}")
