"""`hwgen export`: a build's accelerator for vendor tools."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.options.values import CLOCK
from hwgen.cli.output import say, working


def list_formats(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    """Say what formats there are, and end."""
    del parameter
    if not asked:
        return
    from hwgen.export.form import formats, read_format

    names = formats()
    width = max(map(len, names))
    for name in names:
        say(f"{name:{width}}  {read_format(name).title}")
    context.exit()


@click.command("export", short_help="Write BUILD's core as a folder for vendor tools.")
@BUILD
@click.option(
    "--format",
    "format_",
    default="verilog",
    show_default=True,
    help="What to write; --formats lists all.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write. Default: BUILD/export/<format>.",
)
@click.option(
    "--clock-mhz",
    type=CLOCK,
    help="Clock of constraints and, on a board, of its PLL. Default: the build's.",
)
@click.option("--part", help="Chip of a project, as its tool calls it. Default: the format's.")
@click.option("--vhdl", is_flag=True, help="With a VHDL entity whose ports are records.")
@click.option(
    "--formats",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=list_formats,
    help="List the formats and exit.",
)
def command(
    build: Path,
    format_: str,
    output: Path | None,
    clock_mhz: float | None,
    part: str | None,
    vhdl: bool,
) -> None:
    """Write BUILD's accelerator core as a folder that a vendor's tool takes as it is.

    One self-contained Verilog file with its ROMs, a description of ports and formats, test
    vectors, and a self-checking test bench; with AXI, and a project of a vendor's tool, as the
    format says.
    """
    from hwgen.flow.export import Asked, export_build

    with working("exporting") as tell:
        folder = export_build(build, format_, output, tell, Asked(clock_mhz, part, vhdl))
    say(f"export: {folder}")
