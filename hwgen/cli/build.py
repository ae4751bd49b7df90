"""`hwgen build`: checkpoint to bitstream."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.alarm import alarm_options
from hwgen.cli.options.data import data_options
from hwgen.cli.options.geometry import geometry_options
from hwgen.cli.options.hardware import hardware_options
from hwgen.cli.options.places import CHECKPOINT
from hwgen.cli.options.precision import bits_options, tuning_options
from hwgen.cli.options.settings import settings_from
from hwgen.cli.output import reporting, working


@click.command("build")
@CHECKPOINT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder of the build. Default: build/<checkpoint's name>.",
)
@hardware_options
@data_options
@bits_options
@tuning_options
@geometry_options
@alarm_options
@click.option(
    "--no-netlist",
    is_flag=True,
    help="Do not simulate what Yosys makes of the core. Default: a few windows, where that takes "
    "about a minute at most.",
)
def command(checkpoint: Path, output: Path | None, no_netlist: bool, **values: Any) -> None:
    """Turn CHECKPOINT into a verified bitstream and a report.

    CHECKPOINT is an ONNX file, a .pt2 of torch.export, or a .pt file: one that `hwgen train` or
    hwgen.from_torch made, or a bare state_dict with conv1.weight, conv1.bias, fc1.weight, fc1.bias
    (and fc2 for a second dense layer). Stages whose inputs have not changed are not run again.
    """
    from hwgen.flow.build import build

    settings = replace(settings_from(checkpoint, values), netlist=not no_netlist)
    folder = output or Path("build") / checkpoint.stem
    with reporting(folder, make=True), working("building") as tell:
        build(settings, folder, tell)
