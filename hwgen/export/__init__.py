"""Packages of an accelerator for other people's tools: one module a format, named like it.

To add a format ``xyz``, add ``xyz.py`` with a function

    export_xyz(model, core_verilog, module, windows, timing, folder, *, title) -> list[Path]

(`hwgen.export.verilog.export_verilog` says what they are), which writes `folder` whole through
`hwgen.export._folder.package`, and its templates into ``rtl_templates/xyz``.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from hwgen.errors import UsageError
from hwgen.export._folder import package
from hwgen.export._windows import bench_windows
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel

__all__ = ["bench_windows", "export", "formats", "package"]


def formats() -> list[str]:
    """Return the names of the formats, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def export(
    format_name: str,
    model: QuantizedModel,
    core_verilog: Path,
    module: str,
    windows: Integers,
    timing: Timing,
    folder: Path,
    *,
    title: str,
) -> list[Path]:
    """Write the package of format `format_name`; return its files.

    Parameters
    ----------
    format_name
        One of `formats`.
    model, core_verilog, module, windows, timing, folder, title
        As `hwgen.export.verilog.export_verilog` takes them.

    Raises
    ------
    UsageError
        If there is no such format, or `folder` holds something else.
    InputError, FileAccessError
        As the format does.
    """
    if format_name not in formats():
        raise UsageError(f"format must be one of {', '.join(formats())}, not {format_name!r}")
    # Imported on use: a format brings in the hardware language.
    write = getattr(importlib.import_module(f"{__name__}.{format_name}"), f"export_{format_name}")
    files: list[Path] = write(model, core_verilog, module, windows, timing, folder, title=title)
    return files
