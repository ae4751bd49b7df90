"""`hwgen export`: a build's accelerator for vendor tools."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.output import say, working


@click.command("export", short_help="Write BUILD's core as a folder for vendor tools.")
@BUILD
@click.option("--format", "format_", default="verilog", show_default=True, help="What to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write. Default: BUILD/export/<format>.",
)
def command(build: Path, format_: str, output: Path | None) -> None:
    """Write BUILD's accelerator core as a folder that a vendor's tool takes as it is.

    One self-contained Verilog file with its ROMs, a description of ports and formats, test
    vectors, and a self-checking test bench.
    """
    from hwgen.flow.export import export_build

    with working("exporting") as tell:
        folder = export_build(build, format_, output, tell)
    say(f"export: {folder}")
