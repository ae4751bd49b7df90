"""The core's netlist, after synthesis, against the golden model; and the core's size by itself.

Every build does it where `seconds_of` expects no more than `QUICK_S`; `hwgen verify --netlist`
does it in any case.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import tools
from hwgen.fixedpoint import Integers
from hwgen.flow import generate
from hwgen.flow.decides import Stage
from hwgen.flow.generated import Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.netlist_checked import NetlistChecked
from hwgen.flow.options import Settings
from hwgen.quantized import QuantizedModel
from hwgen.verify import affordable, corner_windows, spread

if TYPE_CHECKING:
    from hwgen.boards import Board

FOLDER = "netlist"
QUICK_S = 75
"""About a minute on a machine of two cores that has nothing else to do: see `seconds_of`."""
_WINDOWS = 6
"""A netlist simulates slowly; the corner windows come on top."""
_CYCLES = 1_000_000
"""About, as far as windows are concerned: of a slow design, fewer are run."""
_FIXED_S = 12
"""Starting the tools, and compiling Verilator's own library."""
_LUT4_S = 6e-3
"""Of each LUT4: half of it Yosys, half Verilator and the compiler."""
_LUT4_CYCLE_S = 1.2e-8
"""Of each LUT4 in each cycle: the simulation."""


def basis(digest: str, options: HardwareOptions) -> dict[str, Any]:
    """Return what a result of this stage holds for: the core, but not what is around it."""
    return generate.core_basis(digest, options, Stage.NETLIST)


def seconds_of(known: Generated, window: int) -> float | None:
    """Return about how long a check takes: grows with cells, and with cells times cycles.

    Parameters
    ----------
    known
        What the generator said.
    window
        Samples of a window.

    Returns
    -------
    None where the generator did not estimate the cells: an older hwgen's did not.
    """
    if known.estimate is None:
        return None
    lut4 = known.estimate.core["lut4"]
    cost = max(known.timing.interval, window * known.timing.pause)
    corners = 10
    cycles = min(_CYCLES + cost, (_WINDOWS + corners + 1) * cost)
    return _FIXED_S + lut4 * (_LUT4_S + cycles * _LUT4_CYCLE_S)


def left_out(settings: Settings, known: Generated, window: int, folder: Path) -> str | None:
    """Return why a build does not check its netlist, and what does; None if it does.

    Parameters
    ----------
    settings
        They say whether it is to be checked at all where that is quick.
    known, window
        As of `seconds_of`.
    folder
        Of the build.
    """
    command = f"hwgen verify {shlex.quote(str(folder))} --netlist"
    if settings.hardware.quick:
        return f"not checked, as --quick says; to check it: {command}"
    if not settings.netlist:
        return f"not checked, as --no-netlist says; to check it: {command}"
    seconds = seconds_of(known, window)
    if seconds is None:
        return f"not checked, for nobody estimated how long that takes; to check it: {command}"
    if seconds > QUICK_S:
        return (
            f"not checked, for that would take about {max(2, round(seconds / 60))} minutes; "
            f"to check it: {command}"
        )
    return None


def inputs(
    model: QuantizedModel, options: HardwareOptions, board: Board, known: Generated
) -> dict[str, Any]:
    """Return all that decides the outcome."""
    return basis(model.digest, options) | {
        "board": board.to_json(),
        "design": known.design.to_json(),
        "tools": [tools.version(name) for name in ("yosys", "verilator")],
    }


def check(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    windows: Integers,
    folder: Path,
) -> NetlistChecked:
    """Synthesise the core alone and run a few windows; return what was compared, and its cells."""
    from hwgen.synth.check import check_netlist
    from hwgen.verify import Streamed

    hop, timing = known.hop, known.timing
    corners = corner_windows(model.elements, model.bits.adc)
    every = np.concatenate([spread(windows, _WINDOWS), corners])
    room = affordable(timing, model.elements, hop, _CYCLES, quick=True)
    core = generate.accelerator(model, known.design)
    result, cells = check_netlist(
        core,
        board,
        model,
        spread(every, room),
        timing,
        folder,
        hop=hop,
        weights=None if core.plan.flash is None else Streamed.of(core.plan.flash),
    )
    return NetlistChecked(basis(model.digest, options), result.windows, result.mismatches, cells)
