"""`hwgen program`: a build's bitstream onto a board."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.output import working


@click.command("program", short_help="Load BUILD's bitstream onto the board.")
@BUILD
@click.option("--flash", is_flag=True, help="Keep it over a power cycle.")
def command(build: Path, flash: bool) -> None:
    """Load BUILD's bitstream onto the board that is connected, with openFPGALoader."""
    from hwgen.flow.link import program

    with working("programming") as tell:
        program(build, tell, flash=flash)
