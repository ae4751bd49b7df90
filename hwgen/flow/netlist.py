"""The core's netlist, after synthesis, against the golden model; and the core's size by itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import tools
from hwgen.fixedpoint import Integers
from hwgen.flow import generate, implement
from hwgen.flow.check import timing_of
from hwgen.flow.options import HardwareOptions
from hwgen.quantized import QuantizedModel
from hwgen.verify import affordable, corner_windows, spread

if TYPE_CHECKING:
    from hwgen.boards import Board

FOLDER = "netlist"
_WINDOWS = 6
"""A netlist simulates slowly; the corner windows come on top."""
_CYCLES = 1_000_000
"""About, as far as windows are concerned: of a slow design, fewer are run."""

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

    hop = known.get("hop", model.input_samples)
    timing = timing_of(known)
    corners = corner_windows(model.input_samples, model.bits.adc)
    every = np.concatenate([spread(windows, _WINDOWS), corners])
    room = affordable(timing, model.input_samples, hop, _CYCLES, quick=True)
    result, cells = check_netlist(
        generate.accelerator(model, generate.point_of(known)),
        board,
        model,
        spread(every, room),
        timing,
        folder,
        hop=hop,
    )
    return {
        "basis": basis(model.digest, options),
        "windows": result.windows,
        "mismatches": result.mismatches,
        "core": asdict(cells),
    }
