"""`hwgen synth`: a build's design to a bitstream."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.options.values import CLOCK, numbers
from hwgen.cli.output import reporting, working


@click.command("synth")
@BUILD
@click.option("--board", help="Another board than the build's.")
@click.option("--clock-mhz", type=CLOCK, help="Another clock.")
@click.option("--seeds", callback=numbers, help="Other seeds of the placer.")
@click.option("--force", is_flag=True, help="Run it though nothing has changed.")
def command(
    build: Path,
    board: str | None,
    clock_mhz: float | None,
    seeds: tuple[int, ...] | None,
    force: bool,
) -> None:
    """Synthesise, place, route and pack BUILD's design.

    After a quick build it does the rest of it, too.
    """
    from hwgen.flow.build import resume
    from hwgen.flow.options import read_settings

    with reporting(build), working("synthesising") as tell:
        settings = read_settings(build)
        hardware = replace(settings.hardware, quick=False)
        if board is not None:
            hardware = replace(hardware, board=board)
        if clock_mhz is not None:
            hardware = replace(hardware, clock_mhz=clock_mhz)
        if seeds is not None:
            hardware = replace(hardware, seeds=seeds)
        settings = replace(settings, hardware=hardware)
        resume(settings, build, tell, upto="synth", force=force)
