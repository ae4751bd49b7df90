"""`hwgen boards`: what can be built for."""

from __future__ import annotations

import click
from rich.table import Table

from hwgen.cli.output import console


@click.command("boards")
def command() -> None:
    """List the boards and what their chips have."""
    from hwgen.boards import load_boards

    table = Table("board", "chip", "package", "clock MHz", "LUT4", "DSP", "EBR", "also", box=None)
    for board in load_boards().values():
        cells = board.resources
        table.add_row(
            board.name,
            f"{board.device}-{board.speed}",
            board.package,
            f"{board.clock_mhz:g}",
            *(str(value) for value in (cells.lut4, cells.dsp, cells.ebr)),
            " ".join(board.aliases),
        )
    console.print(table)
