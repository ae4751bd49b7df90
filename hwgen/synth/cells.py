"""Counts a design's cells, and tells whether a board has them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hwgen.boards import Board, load_boards
from hwgen.errors import CannotMeetError, ToolError
from hwgen.files import read_json
from hwgen.targets import Cells
from hwgen.targets.family import Toolchain


def cell_counts(stat: Path, toolchain: Toolchain) -> Cells:
    """Return the cells in the file that Yosys's ``stat -json`` wrote.

    Raises
    ------
    ToolError
        If the file is not what Yosys writes.
    """
    try:
        kinds = read_json(stat)["design"]["num_cells_by_type"]
        count = {str(kind): int(number) for kind, number in kinds.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ToolError(f"{stat} must be Yosys's statistics; run the stage again") from error
    return toolchain.cells(count)


def packed_cells(report: dict[str, Any], toolchain: Toolchain) -> Cells:
    """Return the cells that the place-and-route report counts.

    Raises
    ------
    ToolError
        If the report does not count one of them.
    """
    return Cells({
        kind: _utilisation(report, cell, toolchain) for kind, cell in toolchain.packed.items()
    })  # fmt: skip


def _utilisation(report: dict[str, Any], cell: str, toolchain: Toolchain) -> int:
    try:
        return int(report["utilization"][cell]["used"])
    except (KeyError, TypeError, ValueError) as error:
        raise ToolError(f"nextpnr's report must have utilization.{cell}.used; "
                        f"update {toolchain.placer.name}") from error  # fmt: skip


def check_fits(board: Board, needed: Cells, boards: Iterable[Board] | None = None) -> None:
    """Raise unless the board has what is needed, by the chip's data sheet.

    Raises
    ------
    CannotMeetError
        Naming what is short, by how much, and the boards that would do.
    """
    short = board.target.short(needed, board.resources)
    if not short:
        return
    others = load_boards().values() if boards is None else boards
    would = sorted(
        (other.resources["lut4"], other.name)
        for other in others
        if other.target is board.target and needed.fit_in(other.resources)
    )
    hint = f"; would fit: {', '.join(name for _, name in would)}" if would else "; no board does"
    raise CannotMeetError(
        f"the design needs {' and '.join(short)} that {board.name} ({board.device}) has: "
        f"lower --parallel or take a larger board{hint}"
    )
