"""The widths that cost least on the board for a drop of F1 that is allowed."""

from __future__ import annotations

import numpy as np

from hwgen.boards import find_board
from hwgen.calibration import Method, calibrate
from hwgen.errors import InputError
from hwgen.flow import generate
from hwgen.flow.options import Settings
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows
from hwgen.network import Network
from hwgen.plans.planner import plan
from hwgen.quantized import QuantizedModel
from hwgen.targets import Cells
from hwgen.widths.search import Problem, Search, search


def search_bits(
    network: Network,
    windows: Windows,
    settings: Settings,
    method: Method,
    max_drop: float,
    say: Say,
) -> Search:
    """Return what `hwgen.widths.search.search` finds for the board and its design point.

    Raises
    ------
    InputError
        If the windows are not labelled, or none are held out.
    CannotMeetError
        If the bound is too tight, or the board has no room for the network.
    """
    if not windows.held_labelled:
        raise InputError(
            f"--max-drop needs recordings of every class with room for windows in the last fifth "
            f"of their training part, not {windows.name}; give longer ones with --data"
        )
    board = find_board(settings.hardware.board)
    task = windows.task
    start = calibrate(network, windows.calibration, settings.bits, task, method=method).model
    point = generate.choose(start, settings.hardware, board)

    def cost_of(model: QuantizedModel) -> Cells:
        return plan(model, point).cells(board.target)

    problem = Problem(
        network,
        np.asarray(windows.calibration, dtype=np.float64),
        np.asarray(windows.held, dtype=np.float64),
        windows.held_labels,
        task=task,
        method=method,
        cost_of=cost_of,
        weigh=lambda each: each.weight(board.resources),
    )
    found = search(problem, settings.bits, max_drop, lambda line: say(f"search: {line}"))
    chosen = found.chosen
    say(
        f"search: {len(found.tried)} assignments of bits tried; drop of the chosen one "
        f"{chosen.drop:.3f} percentage points on the last fifth of the training part"
    )
    return found
