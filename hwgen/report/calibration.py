"""What calibration chose and what it costs, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_calibration(
    calibration: Mapping[str, Any], accuracy: Mapping[str, Any], console: Console
) -> None:
    """Print a row per layer, then F1 and agreement.

    Parameters
    ----------
    calibration, accuracy
        Sections of a report (`hwgen.report.schema`).
    """
    table = Table("layer", "format", "shift", "SQNR dB", "saturated", box=None)
    for layer in calibration["layers"]:
        ratio = layer["sqnr_db"]
        table.add_row(
            layer["name"],
            layer["fmt"],
            str(layer["shift"]),
            "exact" if ratio is None else f"{ratio:.1f}",
            f"{layer['saturated']} of {layer['values']}",
        )
    console.print(table)
    f1 = [accuracy[key] for key in ("float_f1", "fixed_f1")]
    if None not in f1:
        console.print(f"F1 float {f1[0]:.4f}, fixed {f1[1]:.4f}")
    console.print(f"class agreement {accuracy['agreement']:.4f} on {accuracy['windows']} windows")
