"""`hwgen verify`: a build's Verilog against the golden model."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli import options
from hwgen.cli.output import console, working


@click.command("verify")
@options.BUILD
@click.option("--force", is_flag=True, help="Run it though nothing has changed.")
def command(build: Path, force: bool) -> None:
    """Simulate BUILD's Verilog in Verilator and compare every answer with the golden model."""
    from hwgen.flow.build import build as run
    from hwgen.flow.options import read_settings
    from hwgen.report import REPORT, print_table, read

    settings = read_settings(build)
    with working("verifying") as tell:
        run(settings, build, tell, upto="verify", force=force)
    print_table(read(build), console, path=build / REPORT)
