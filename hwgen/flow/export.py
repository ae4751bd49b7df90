"""A build's core as a package for other tools."""

from __future__ import annotations

from pathlib import Path

from hwgen import export, lock
from hwgen.boards import find_board
from hwgen.errors import UsageError
from hwgen.flow import generate, left, quantize
from hwgen.flow.build import run_generate
from hwgen.flow.options import read_settings
from hwgen.flow.stage import Say

FOLDER = "export"


def export_build(build: Path, format_: str, output: Path | None, say: Say) -> Path:
    """Write the package and return its folder.

    Parameters
    ----------
    build
        Folder of a build whose network is calibrated; its Verilog is written if need be.
    format_
        One of `hwgen.export.formats`.
    output
        Folder to write; None: in the build's own.

    Raises
    ------
    UsageError
        If there is no such format, or the folder holds something else.
    InputError
        If `build` is no build.
    """
    with lock.folder(build):
        settings = read_settings(build)
        if format_ not in export.formats():
            raise UsageError(
                f"format must be one of {', '.join(export.formats())}, not {format_!r}"
            )
        left.check_asked(settings, build)
        model = left.left_by_quantize(build)
        windows = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
        known = run_generate(settings, build, model, find_board(settings.hardware.board), say)
        folder = output or build / FOLDER / format_
        export.export(
            format_,
            model,
            build / generate.FOLDER / generate.VERILOG,
            generate.MODULE,
            export.bench_windows(model, windows),
            known.timing,
            folder,
            title=f"{model.name} accelerator",
        )
        return folder
