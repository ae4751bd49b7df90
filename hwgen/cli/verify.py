"""`hwgen verify`: a build's Verilog against the golden model."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.output import reporting, working


@click.command("verify", short_help="Simulate BUILD's Verilog against the golden model.")
@BUILD
@click.option("--force", is_flag=True, help="Run it though nothing has changed.")
@click.option(
    "--netlist",
    is_flag=True,
    help="Also simulate what Yosys makes of the core, on a few windows; takes minutes.",
)
def command(build: Path, force: bool, netlist: bool) -> None:
    """Simulate BUILD's Verilog in Verilator and compare every answer with the golden model."""
    from hwgen.flow.build import resume, run_netlist
    from hwgen.flow.options import read_settings

    with reporting(build), working("verifying") as tell:
        settings = read_settings(build)
        resume(settings, build, tell, upto="verify", force=force)
        if netlist:
            run_netlist(settings, build, tell, force=force)
