"""A build's core as a package for other tools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwgen import export, lock
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError
from hwgen.flow import generate, left, quantize
from hwgen.flow.build import run_generate
from hwgen.flow.options import read_settings
from hwgen.flow.stage import Say

FOLDER = "export"


@dataclass(frozen=True)
class Asked:
    """What a user may ask of an export.

    Parameters
    ----------
    clock_mhz
        For constraints and PLL; None: the build's.
    part
        Chip of the project; None: the format's.
    vhdl
        Whether a VHDL entity comes with it.
    """

    clock_mhz: float | None = None
    part: str | None = None
    vhdl: bool = False


_USUAL = Asked()


def export_build(
    build: Path, format_: str, output: Path | None, say: Say, asked: Asked = _USUAL
) -> Path:
    """Write the package and return its folder.

    Parameters
    ----------
    build
        Folder of a build whose network is calibrated; its Verilog is written if need be.
    format_
        One of `hwgen.export.formats`.
    output
        Folder to write; None: in the build's own.
    asked
        What the build does not decide.

    Raises
    ------
    UsageError
        If there is no such format, it cannot do what is asked, or the folder holds something else.
    InputError
        If `build` is no build.
    CannotMeetError
        If a board's PLL cannot make the clock.
    """
    export.check_format(format_)
    with lock.folder(build):
        settings = read_settings(build)
        left.check_asked(settings, build)
        model = left.left_by_quantize(build)
        windows = quantize.read_windows(build / quantize.FOLDER / "windows.npz", model)
        known = run_generate(settings, build, model, find_board(settings.hardware.board), say)
        if known.design.pace is not None:
            raise CannotMeetError(
                "export must be of a build whose weights are on chip, not in a flash that the "
                "package does not have; build it with --weights chip"
            )
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
            hop=known.hop,
            wanted=export.Wanted(
                clock_mhz=asked.clock_mhz or settings.hardware.clock_mhz,
                part=asked.part,
                vhdl=asked.vhdl,
                baud=settings.hardware.baud,
            ),
        )
        return folder
