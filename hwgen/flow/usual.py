"""What a board's chip family says of a design where the user does not."""

from __future__ import annotations

from hwgen.boards import Board
from hwgen.flow.hardware_options import HardwareOptions


def on(
    board: Board,
    hardware: HardwareOptions,
    *,
    clock_mhz: float | None = None,
    baud: int | None = None,
) -> HardwareOptions:
    """Return the options on a board, with its family's choice of what is not asked for.

    Parameters
    ----------
    clock_mhz, baud
        What the user asks for; None: the family's, the clock for the goal.
    """
    family, design = board.target, hardware.design
    asked = design.seeking or design.parallel is not None or design.dsp is not None
    if family.usual_goal is not None and not asked:
        hardware = hardware.but(goal=family.usual_goal)
    if clock_mhz is None:
        clock_mhz = family.clocks.get(hardware.design.goal or "", family.usual_clock)
    return hardware.but(clock_mhz=clock_mhz, baud=baud or family.usual_baud)
