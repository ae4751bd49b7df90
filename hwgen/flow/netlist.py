"""The core's netlist, after synthesis, against the golden model; and the core's size by itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import tools
from hwgen.fixedpoint import Integers
from hwgen.flow import generate, implement
from hwgen.flow.options import HardwareOptions
from hwgen.quantized import QuantizedModel
from hwgen.verify import corner_windows

if TYPE_CHECKING:
    from hwgen.boards import Board

FOLDER = "netlist"
_WINDOWS = 6
"""A netlist simulates slowly; the corner windows come on top."""

basis = implement.basis


def inputs(
    model: QuantizedModel, options: HardwareOptions, board: Board, known: dict[str, Any]
) -> dict[str, Any]:
    """Return all that decides the outcome."""
    return implement.inputs(model, options, board, known) | {
        "verilator": tools.version("verilator")
    }


def check(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: dict[str, Any],
    windows: Integers,
    folder: Path,
) -> dict[str, Any]:
    """Synthesise the core alone and run a few windows; return what was compared, and its cells."""
    from hwgen.synth.check import check_netlist
    from hwgen.verify.run import Timing

    spread = np.linspace(0, len(windows) - 1, min(_WINDOWS, len(windows))).astype(np.int64)
    corners = corner_windows(model.input_samples, model.bits.adc)
    result, cells = check_netlist(
        generate.accelerator(model, generate.point_of(known)),
        board,
        model,
        np.concatenate([corners, windows[spread]]),
        Timing(known["latency"], known["interval"]),
        folder,
    )
    return {
        "basis": basis(model.digest, options),
        "windows": result.windows,
        "mismatches": result.mismatches,
        "core": asdict(cells),
    }
