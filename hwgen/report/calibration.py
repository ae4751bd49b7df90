"""What calibration chose and what it costs, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from hwgen.report.grid import grid, print_lines
from hwgen.report.other_rows import other_rows


def print_calibration(
    calibration: Mapping[str, Any], accuracy: Mapping[str, Any], console: Console
) -> None:
    """Print a row per layer, then F1 and agreement.

    Parameters
    ----------
    calibration, accuracy
        Sections of a report (`hwgen.report.schema`).
    """
    rows = [
        (
            layer["name"],
            layer["fmt"],
            str(layer["shift"]),
            "exact" if layer["sqnr_db"] is None else f"{layer['sqnr_db']:.1f}",
            f"{layer['saturated']} of {layer['values']}",
        )
        for layer in calibration["layers"]
    ]
    lines = grid(("layer", "format", "shift", "SQNR dB", "saturated"), rows)
    f1 = [accuracy[key] for key in ("float_f1", "fixed_f1")]
    if None not in f1:
        lines.append(f"F1 float {f1[0]:.4f}, fixed {f1[1]:.4f}")
    lines += [f"{label}: {value}" for label, value in other_rows(accuracy)]
    if accuracy["agreement"] is not None:
        lines.append(
            f"class agreement {accuracy['agreement']:.4f} on {accuracy['windows']} windows"
        )
    if accuracy.get("auc_float") is not None:
        lines.append(f"AUC float {accuracy['auc_float']:.4f}, fixed {accuracy['auc_fixed']:.4f}")
    if accuracy.get("sqnr_db") is not None:
        lines.append(f"values, SQNR {accuracy['sqnr_db']:.1f} dB on {accuracy['windows']} windows")
    print_lines(console, lines, bold=(0,))
