"""`hwgen quantize`: calibration only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hwgen.cli import options
from hwgen.cli.output import console, say, working


@click.command("quantize", short_help="Calibrate CHECKPOINT to fixed point; no hardware.")
@options.CHECKPOINT
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Integer network to write (JSON).",
)
@options.data_options
@options.bits_options
@options.geometry_options
def command(checkpoint: Path, output: Path, **values: Any) -> None:
    """Calibrate CHECKPOINT to fixed point and say what it costs in accuracy."""
    from hwgen import files
    from hwgen.flow.quantize import quantize
    from hwgen.report.calibration import print_calibration

    files.check_writable(output)
    with working("quantizing") as tell:
        result = quantize(options.settings_from(checkpoint, values), tell)
    files.write_json(output, result.model.to_json())
    print_calibration(result.parts["calibration"], result.accuracy, console)
    say(f"integer network: {output}")
