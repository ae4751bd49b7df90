"""Counts a design's cells, and tells whether a board has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.boards import Board, Resources, load_boards
from hwgen.errors import CannotMeetError, ToolError
from hwgen.files import read_json

_LABELS = {"lut4": "LUT4", "ff": "flip-flops", "dsp": "MULT18X18D", "ebr": "DP16KD block RAMs"}


@dataclass(frozen=True)
class Cells:
    """Cells of a synthesised design.

    Parameters
    ----------
    lut4
        Yosys's LUT4 plus two per CCU2C (a carry cell takes the place of two).
    ff, dsp, ebr
        TRELLIS_FF, MULT18X18D, DP16KD (with the pseudo dual-port PDPW16KD).
    """

    lut4: int
    ff: int
    dsp: int
    ebr: int


def cell_counts(stat: Path) -> Cells:
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
    return Cells(
        lut4=count.get("LUT4", 0) + 2 * count.get("CCU2C", 0),
        ff=count.get("TRELLIS_FF", 0),
        dsp=count.get("MULT18X18D", 0),
        ebr=count.get("DP16KD", 0) + count.get("PDPW16KD", 0),
    )


def check_fits(board: Board, needed: Resources, boards: Iterable[Board] | None = None) -> None:
    """Raise unless the board has what is needed, by the chip's data sheet.

    Raises
    ------
    CannotMeetError
        Naming what is short, by how much, and the boards that would do.
    """
    short = [
        f"{getattr(needed, kind)} {label} of {getattr(board.resources, kind)}"
        for kind, label in _LABELS.items()
        if getattr(needed, kind) > getattr(board.resources, kind)
    ]
    if not short:
        return
    others = load_boards().values() if boards is None else boards
    would = sorted((other.resources.lut4, other.name) for other in others
                   if _covers(other.resources, needed))  # fmt: skip
    hint = f"; would fit: {', '.join(name for _, name in would)}" if would else "; no board does"
    raise CannotMeetError(
        f"the design needs {' and '.join(short)} that {board.name} ({board.device}) has: "
        f"lower --parallel or take a larger board{hint}"
    )


def _covers(available: Resources, needed: Resources) -> bool:
    return all(getattr(available, kind) >= getattr(needed, kind) for kind in _LABELS)


def utilisation(report: dict[str, Any], kind: str) -> int:
    """Return how many cells of a kind the place-and-route report counts."""
    try:
        return int(report["utilization"][kind]["used"])
    except (KeyError, TypeError, ValueError) as error:
        raise ToolError(f"nextpnr's report must have utilization.{kind}.used; "
                        "update nextpnr-ecp5") from error  # fmt: skip
