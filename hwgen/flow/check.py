"""The Verilog against the golden model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, tools
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.flow.generate import FOLDER as RTL
from hwgen.flow.generate import IMAGE, MODULE, VERILOG
from hwgen.flow.generated import Generated
from hwgen.flow.verified import Verified
from hwgen.quantized import QuantizedModel
from hwgen.verify import corner_windows, spread

FOLDER = "sim"
_FEWEST = 3
"""Windows beside the corner windows, however slow the design is."""


def basis(digest: str, build: Path) -> dict[str, Any]:
    """Return what a result of this stage holds for: the network, and the Verilog as it lies there.

    Parameters
    ----------
    digest
        Of the network.
    build
        The build's folder.
    """
    path = build / RTL / VERILOG
    verilog = files.digest(files.read_bytes(path)) if path.is_file() else None
    return {"digest": digest, "verilog": verilog}


def inputs(build: Path, model: QuantizedModel, windows: Integers) -> dict[str, Any]:
    """Return all that decides the outcome."""
    return basis(model.digest, build) | {
        "windows": files.digest(np.ascontiguousarray(windows).tobytes()),
        "verilator": tools.version("verilator"),
    }


def _streamed(build: Path, known: Generated) -> Any:
    """Return the stream of weights of a build; None where all are on chip.

    Raises
    ------
    InputError
        If their image is missing.
    """
    from hwgen.plans.weights.image import HEADER_BYTES
    from hwgen.verify.run import Streamed

    if known.design.pace is None:
        return None
    path = build / RTL / IMAGE
    if not path.is_file():
        raise InputError(f"{path} must be there: make it anew with hwgen build --force")
    return Streamed(files.read_bytes(path)[HEADER_BYTES:], known.design.pace)


def check(build: Path, model: QuantizedModel, windows: Integers, known: Generated) -> Verified:
    """Run windows and corner windows through Verilator; return what was compared.

    A slow design runs as many of the windows as there is time for, evenly spread, and says so.
    """
    from hwgen.verify import affordable, verify

    hop, timing = known.hop, known.timing
    corners = corner_windows(model.elements, model.bits.adc)
    room = affordable(timing, model.elements, hop) - len(corners)
    chosen = spread(windows, max(_FEWEST, room))
    result = verify(
        [build / RTL / VERILOG],
        MODULE,
        model,
        np.concatenate([corners, chosen]),
        timing,
        build / FOLDER,
        hop=hop,
        weights=_streamed(build, known),
    )
    notices = []
    if len(chosen) < len(windows):
        cycles = model.elements * timing.pause
        notices.append(
            f"verify: {len(chosen)} of {len(windows)} windows and the corner windows were run, "
            f"for the design takes {cycles:,} cycles for a window's samples"
        )
    return Verified(basis(model.digest, build), result, len(corners), tuple(notices))
