"""The Verilog against the golden model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, tools
from hwgen.fixedpoint import Integers
from hwgen.flow.generate import FOLDER as RTL
from hwgen.flow.generate import MODULE, VERILOG
from hwgen.quantized import QuantizedModel
from hwgen.verify import corner_windows

FOLDER = "sim"


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


def check(
    build: Path, model: QuantizedModel, windows: Integers, known: dict[str, Any]
) -> dict[str, Any]:
    """Run windows and corner windows through Verilator; return what was compared."""
    from hwgen.verify import verify
    from hwgen.verify.run import Timing

    corners = corner_windows(model.input_samples, model.bits.adc)
    result = verify(
        [build / RTL / VERILOG],
        MODULE,
        model,
        np.concatenate([corners, windows]),
        Timing(known["latency"], known["interval"]),
        build / FOLDER,
    )
    return result.to_json() | {
        "basis": basis(model.digest, build),
        "corner_windows": len(corners),
    }
