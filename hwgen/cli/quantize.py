"""`hwgen quantize`: calibration only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.alarm import alarm_options
from hwgen.cli.options.data import data_options
from hwgen.cli.options.design import target_options
from hwgen.cli.options.geometry import geometry_options
from hwgen.cli.options.places import CHECKPOINT
from hwgen.cli.options.precision import bits_options, tuning_options
from hwgen.cli.options.settings import settings_from
from hwgen.cli.output import console, say, working


@click.command("quantize", short_help="Calibrate CHECKPOINT to fixed point; no hardware.")
@CHECKPOINT
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Integer network to write (JSON).",
)
@target_options
@data_options
@bits_options
@tuning_options
@geometry_options
@alarm_options
def command(checkpoint: Path, output: Path, **values: Any) -> None:
    """Calibrate CHECKPOINT to fixed point and say what it costs in accuracy.

    A report with figures goes into a folder beside OUTPUT. With --max-drop the cost of hardware is
    that of --board, --parallel and --dsp.
    """
    from hwgen import files, lock
    from hwgen.flow.quantize import quantize, write_report
    from hwgen.report.calibration import print_calibration
    from hwgen.report.pareto import print_front

    folder = output.with_name(f"{output.stem}-report")
    with lock.output(output), working("quantizing") as tell:
        files.check_writable(output, read=[checkpoint])
        result = quantize(settings_from(checkpoint, values), tell)
        files.write_json(output, result.model.to_json())
        page = write_report(result, folder)
    told = result.said.sections()
    if "search" in told:
        print_front(told["search"], console)
    print_calibration(told["calibration"], told["accuracy"], console)
    say(f"integer network: {output}")
    say(f"report: {page}")
